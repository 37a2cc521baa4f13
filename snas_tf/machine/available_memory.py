# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How much memory there is: of a GPU, of this machine, or of the container it is used in."""

from __future__ import annotations

import ctypes
import dataclasses
import pathlib

import tensorflow as tf


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The memory of a machine or a device.

    Attributes:
        total: Bytes that there are.
        available: Bytes that are free, as far as it is known.
        owner: Whose they are, in words.
    """

    total: int
    available: int
    owner: str


def present(strategy: tf.distribute.Strategy) -> Memory | None:
    """The memory that the replicas of this process compute in.

    Args:
        strategy: The strategy of the run.

    Returns:
        The memory, of one of the devices where each has its own; None where it cannot be known.
    """
    if isinstance(strategy, tf.distribute.TPUStrategy):
        return None
    if tf.config.get_visible_devices("GPU"):
        return gpu_memory(local_replicas(strategy))
    return host_memory()


def local_replicas(strategy: tf.distribute.Strategy) -> int:
    """How many replicas compute in this process; other machines have theirs."""
    if strategy.num_replicas_in_sync == 1:
        return 1
    return len(strategy.extended.worker_devices)


def gpu_memory(count: int = 1, driver: ctypes.CDLL | None = None) -> Memory | None:
    """The memory of the smallest of the GPUs that compute.

    All of it counts as available: TensorFlow takes a GPU as a whole.

    Args:
        count: How many compute, the first of those that this process sees.
        driver: The library of NVIDIA's driver; None loads it.

    Returns:
        The memory; None without such a driver.
    """
    try:
        driver = driver or ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    device, size, sizes = ctypes.c_int(), ctypes.c_size_t(), []
    failed = driver.cuInit(0)
    for number in range(count):
        failed = failed or driver.cuDeviceGet(ctypes.byref(device), number)
        failed = failed or driver.cuDeviceTotalMem_v2(ctypes.byref(size), device)
        sizes.append(size.value)
    return None if failed else Memory(total=min(sizes), available=min(sizes), owner="the GPU")


def host_memory(root: pathlib.Path = pathlib.Path("/")) -> Memory | None:
    """The memory of this machine, or of the container that it is used in.

    Args:
        root: Where the kernel's files lie.

    Returns:
        The least that the machine and the control groups around this process have; None on a system
        without /proc.
    """
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    total, available = (1024 * kilobytes[key] for key in ("MemTotal", "MemAvailable"))
    owner = "this machine"
    for limit, left in _control_groups(root):
        if limit < total:
            total, owner = limit, "this container"
        available = min(available, max(left, 0))
    return Memory(total=total, available=available, owner=owner)


@dataclasses.dataclass(frozen=True, slots=True)
class _Version:
    """Names in a version of Linux's control groups."""

    controllers: str
    folder: str
    limit: str
    used: str
    freeable: str  # cache that is given back when it is needed, a row of memory.stat


_VERSIONS = (
    _Version("", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    _Version(
        "memory",
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
)


def _control_groups(root: pathlib.Path) -> list[tuple[int, int]]:
    """(limit, bytes left) of the groups with a limit: this process's own and those around it.

    A container may be shown its own group in the place of the topmost and nothing around it.
    """
    try:
        memberships = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    paths = {
        controllers: path.strip("/")
        for _, controllers, path in (line.split(":", 2) for line in memberships)
    }
    found = []
    for version in _VERSIONS:
        top = root / version.folder
        own = top / paths.get(version.controllers, "")
        for folder in (own, *own.parents):
            found += _limit(folder, version)
            if folder == top:
                break
    return found


def _limit(folder: pathlib.Path, version: _Version) -> list[tuple[int, int]]:
    try:
        limit, used = (
            (folder / name).read_text().strip() for name in (version.limit, version.used)
        )
        rows = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except OSError:
        return []  # the other version, or a group that is not shown here
    if limit == "max":
        return []
    return [(int(limit), int(limit) - int(used) + int(rows.get(version.freeable, 0)))]
