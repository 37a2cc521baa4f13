# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where a run takes place: what is needed to repeat it, or to explain why it came out otherwise."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess
import sys
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from snas_tf import native
from snas_tf.version import __version__


def describe() -> dict[str, Any]:
    """The environment of this process, as plain data for environment.json."""
    return {
        "arguments": sys.argv[1:],
        "snas_tf": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "tensorflow_probability": tfp.__version__,
        "platform": platform.platform(),
        "cores": usable_cores(),
        "native_operations": native.in_use(),
        "devices": [_device(device) for device in tf.config.list_physical_devices()],
    }


def usable_cores() -> int:
    """The cores that this process may use, fewer than the machine has in many containers."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def commit() -> str:
    """The git commit that snas_tf runs from, "-dirty" if files differ; "" outside a checkout."""
    checkout = pathlib.Path(__file__).resolve().parents[2]
    if not (checkout / ".git").exists():
        return ""  # an installed package; git would describe whatever lies around it
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        return subprocess.run(
            [*command, "--exclude=*"], capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""  # no git here, or a checkout that it refuses to read


def _device(device: tf.config.PhysicalDevice) -> str:
    if device.device_type != "GPU":
        return device.name
    details = tf.config.experimental.get_device_details(device)
    return f"{device.name} {details.get('device_name', '')}".strip()
