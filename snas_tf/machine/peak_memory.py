# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The most memory that something takes while it runs, as the system or the device counts it."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable

import tensorflow as tf

_PROCESS = pathlib.Path("/proc/self")
_RESET_PEAK = "5"  # what Linux takes in clear_refs for: the peak is what is held now


def peak_while(function: Callable[[], object]) -> int | None:
    """Runs a function.

    Args:
        function: What runs, to its end.

    Returns:
        Bytes of the first GPU, or where there is none of this process, at the most that were held
        meanwhile; None where it cannot be known.
    """
    if gpus := tf.config.get_visible_devices("GPU"):
        device = gpus[0].name.removeprefix("/physical_device:")
        tf.config.experimental.reset_memory_stats(device)
        function()
        return tf.config.experimental.get_memory_info(device)["peak"]
    try:
        (_PROCESS / "clear_refs").write_text(_RESET_PEAK)
    except OSError:  # no Linux, or a container that has it read-only
        function()
        return None
    function()
    status = (_PROCESS / "status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return None if found is None else 1024 * int(found[1])
