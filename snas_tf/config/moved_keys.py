# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Keys that earlier versions had under another name, which are refused naming the new one."""

from __future__ import annotations

from collections.abc import Iterable

MOVED = {
    "space.stem": "network.stem",
    "search.num_cells": "network.num_cells",
    "search.init_channels": "network.init_channels",
    "evaluate.recalibrate": "evaluation.recalibrate",
}
"""The new name of each key by its old one."""


def new_names(text: str) -> str:
    """What to say of the moved keys whose last part a message about a missing key has; else "".

    Args:
        text: Such as that of the error that a config file raises which sets an old key.
    """
    return tell(key for key in MOVED if f'"{key.rpartition(".")[2]}"' in text)


def tell(keys: Iterable[str]) -> str:
    """Says where keys have gone.

    Args:
        keys: Some of `MOVED`.
    """
    return ", ".join(f"{key} is {MOVED[key]} now" for key in keys)
