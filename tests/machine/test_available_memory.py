# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The memory that there is, read from the files of a made-up kernel and a made-up driver."""

import types

import pytest
import tensorflow as tf

from snas_tf.machine import available_memory
from snas_tf.machine.available_memory import Memory

GIB = 2**30
NO_LIMIT_V1 = 9223372036854771712


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text))
    return root


@pytest.fixture
def machine(tmp_path):
    """16 GiB, of which 12 are available; no control groups."""
    rows = {"MemTotal": 16, "MemFree": 1, "MemAvailable": 12}
    lines = [f"{name}:{1024**2 * gib:>12} kB" for name, gib in rows.items()]
    return write(tmp_path, {"proc/meminfo": "\n".join([*lines, "HugePages_Total:  0"])})


def version_2(folder, limit, used, inactive):
    folder = f"sys/fs/cgroup/{folder}".rstrip("/")
    return {
        f"{folder}/memory.max": limit,
        f"{folder}/memory.current": used,
        f"{folder}/memory.stat": f"anon 1\ninactive_file {inactive}\nactive_file 7\n",
    }


def version_1(folder, limit, used, inactive):
    folder = f"sys/fs/cgroup/memory/{folder}".rstrip("/")
    return {
        f"{folder}/memory.limit_in_bytes": limit,
        f"{folder}/memory.usage_in_bytes": used,
        f"{folder}/memory.stat": f"inactive_file 1\ntotal_inactive_file {inactive}\n",
    }


def test_a_machine_without_limits_has_what_the_kernel_says(machine):
    expected = Memory(total=16 * GIB, available=12 * GIB, owner="this machine")
    assert available_memory.host_memory(machine) == expected
    unlimited = {
        "proc/self/cgroup": "4:memory:/a\n0::/b\n",
        **version_2("b", "max", 3 * GIB, 0),
        **version_1("a", NO_LIMIT_V1, 3 * GIB, 0),
    }
    assert available_memory.host_memory(write(machine, unlimited)) == expected


def test_without_the_kernels_files_it_is_not_known(tmp_path):
    assert available_memory.host_memory(tmp_path) is None


@pytest.mark.parametrize(
    ("membership", "group"), [("0::/", version_2), ("4:memory:/docker/f00", version_1)]
)
def test_a_container_has_its_limit_less_what_it_uses(membership, group, machine):
    """It sees its own group as the topmost, whatever its path outside. Cached files can go."""
    files = {"proc/self/cgroup": f"{membership}\n", **group("", 4 * GIB, 3 * GIB, GIB)}
    expected = Memory(total=4 * GIB, available=2 * GIB, owner="this container")
    assert available_memory.host_memory(write(machine, files)) == expected


@pytest.mark.parametrize(
    ("membership", "group"), [("0::/slice/unit", version_2), ("4:memory:/slice/unit", version_1)]
)
def test_the_tightest_of_nested_groups_counts(membership, group, machine):
    files = {
        "proc/self/cgroup": f"9:cpu:/\n{membership}\n",
        **group("slice/unit", 8 * GIB, 1 * GIB, 0),
        **group("slice", 9 * GIB, 9 * GIB, GIB // 2),
        **group("other", GIB, GIB, 0),
    }
    expected = Memory(total=8 * GIB, available=GIB // 2, owner="this container")
    assert available_memory.host_memory(write(machine, files)) == expected


def test_a_full_group_has_nothing_left(machine):
    files = {"proc/self/cgroup": "0::/\n", **version_2("", 2 * GIB, 3 * GIB, 0)}
    assert available_memory.host_memory(write(machine, files)).available == 0


def test_this_machine_has_memory():
    memory = available_memory.present(tf.distribute.get_strategy())
    assert 0 < memory.available <= memory.total
    assert memory.total > 10**8


class Driver(types.SimpleNamespace):
    """Two GPUs of 80 and 40 GiB."""

    def cuInit(self, flags):
        return self.failure

    def cuDeviceGet(self, device, number):
        device._obj.value = number
        return 0 if number < 2 else 101

    def cuDeviceTotalMem_v2(self, size, device):
        size._obj.value = (80, 40)[device.value] * GIB
        return 0


def test_the_smallest_gpu_that_computes_counts():
    driver = Driver(failure=0)
    for count, gib in ((1, 80), (2, 40)):
        expected = Memory(total=gib * GIB, available=gib * GIB, owner="the GPU")
        assert available_memory.gpu_memory(count, driver) == expected


def test_a_driver_that_fails_and_no_driver_tell_nothing(monkeypatch):
    assert available_memory.gpu_memory(1, Driver(failure=100)) is None
    assert available_memory.gpu_memory(3, Driver(failure=0)) is None

    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(available_memory.ctypes, "CDLL", missing)
    assert available_memory.gpu_memory() is None


def test_replicas_of_this_process(two_replicas):
    assert available_memory.local_replicas(tf.distribute.get_strategy()) == 1
    assert available_memory.local_replicas(two_replicas) == 2
