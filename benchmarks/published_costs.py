# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What the published networks cost, by `space.cost`, next to the papers' figures.

    python benchmarks/published_costs.py

Prints two Markdown tables, for CIFAR-10 (20 cells, 36 channels) and for ImageNet in the mobile
setting (14 cells, 48 channels, 224x224), in a second and without TensorFlow. Auxiliary heads are
not counted, as in the papers.
"""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from snas_tf import space

NETWORKS = {
    "SNAS_MILD": "SNAS mild",
    "SNAS_MODERATE": "SNAS moderate",
    "SNAS_AGGRESSIVE": "SNAS aggressive",
    "DARTS_V1": "DARTS V1",
    "DARTS_V2": "DARTS V2",
}
CIFAR = space.Skeleton(num_cells=20, init_channels=36, num_classes=10, image_shape=(32, 32, 3))
IMAGENET = space.Skeleton(
    num_cells=14, init_channels=48, num_classes=1000, image_shape=(224, 224, 3), stem="imagenet"
)
# Table 2 of arXiv 1812.09926 and Tables 1 and 2 of arXiv 1806.09055: millions of parameters, and of
# multiply-adds where they are given.
PAPERS = {
    "CIFAR-10": {
        "SNAS_MILD": ("2.9", ""),
        "SNAS_MODERATE": ("2.8", ""),
        "SNAS_AGGRESSIVE": ("2.3", ""),
        "DARTS_V1": ("3.3", ""),
        "DARTS_V2": ("3.3", ""),
    },
    "ImageNet": {"SNAS_MILD": ("4.3", "522"), "DARTS_V2": ("4.7", "574")},
}


def table(name: str, skeleton: space.Skeleton) -> str:
    """A Markdown table of all published networks on a skeleton.

    Args:
        name: Key of `PAPERS`.
        skeleton: The plan of the networks.
    """
    lines = [
        f"| {name} | parameters | paper | multiply-adds | paper | memory access |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key, genotype in space.PUBLISHED.items():
        cost = space.cost(genotype, skeleton)
        parameters, multiply_adds = PAPERS[name].get(key, ("", ""))
        cells = (
            NETWORKS[key],
            f"{cost.parameters:,}",
            f"{parameters} M" if parameters else "",
            f"{cost.multiply_adds / 1e6:.1f} M",
            f"{multiply_adds} M" if multiply_adds else "",
            f"{cost.memory_access / 1e6:.1f} M",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table("CIFAR-10", CIFAR), table("ImageNet", IMAGENET), sep="\n\n")
