# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The cell space and the plan of the networks that the sections of a config name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snas_tf import space

NAS_BENCH_201 = "nas_bench_201"


def cells(section: Mapping[str, Any]) -> space.CellSpace:
    """The space of a config's section `space`.

    Args:
        section: The section, of a config or as a run recorded it.
    """
    if section["name"] == NAS_BENCH_201:
        return space.nas_bench_201_cells()
    return space.CellSpace(section["num_nodes"], tuple(section["primitives"]))


def skeleton(
    section: Mapping[str, Any],
    *,
    num_cells: int,
    init_channels: int,
    num_classes: int,
    image_shape: tuple[int, int, int],
    stem: str,
) -> space.Skeleton:
    """The plan of networks of that space.

    Args:
        section: As for `cells`.
        num_cells: Cells of the network; of NAS-Bench-201, of each of three stages.
        init_channels: Channels of its first cell.
        num_classes: Number of classes.
        image_shape: (height, width, channels) of the images.
        stem: First layers around the paper's cells.
    """
    if section["name"] == NAS_BENCH_201:
        return space.nas_bench_201_skeleton(init_channels, num_cells, num_classes, image_shape)
    return space.Skeleton(
        num_cells=num_cells,
        init_channels=init_channels,
        num_classes=num_classes,
        image_shape=image_shape,
        stem=stem,
    )
