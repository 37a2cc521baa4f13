# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which files are still the same: whatever was done to them, and read only where it must be."""

from __future__ import annotations

import hashlib
import os

import pytest
from etils import epath
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.file_table import FileTable, compare

NAMES = ("a/1.png", "a/2.png", "b/1.png")


@pytest.fixture
def folder(tmp_path):
    """Three files of one size that were written long ago."""
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    return epath.Path(tmp_path)


@pytest.fixture
def before(folder):
    table = FileTable.read(folder, NAMES)
    assert (table.changed == 0).all(), "so young that a change may leave no trace"
    table.changed[:] = [os.stat(folder / name).st_ctime_ns for name in NAMES]
    return table


def changes(before, folder, names=NAMES):
    found = compare(before, folder, names)
    return found.added, found.removed, found.changed


def test_a_table_tells_sizes_times_and_contents(folder, before):
    digests = [hashlib.sha256(name.encode()).hexdigest()[:32] for name in NAMES]
    assert [digest.decode() for digest in before.digests] == digests
    assert before.sizes.tolist() == [7, 7, 7] and before.size == 21
    assert before.modified.tolist() == [os.stat(folder / name).st_mtime_ns for name in NAMES]


def test_what_was_let_alone_is_the_same_and_is_not_read(folder, before, monkeypatch):
    monkeypatch.setattr("builtins.open", None)
    assert changes(before, folder) == ((), (), ())


def test_added_removed_and_changed_files_are_told_apart(folder, before):
    (folder / "a/2.png").write_bytes(b"another")
    (folder / "b/2.png").write_bytes(b"new")
    names = ("a/2.png", "b/1.png", "b/2.png")
    assert changes(before, folder, names) == (("b/2.png",), ("a/1.png",), ("a/2.png",))


def test_another_time_is_no_other_file(folder, before):
    for name in NAMES:
        os.utime(folder / name, ns=(1, 1))
    found = compare(before, folder, NAMES)
    assert not found.changed
    assert found.now.modified.tolist() == [1, 1, 1]
    assert found.now.digests.tolist() == before.digests.tolist()


def test_files_that_were_exchanged_show_though_size_and_time_are_the_same(folder, before):
    for name in NAMES:
        os.utime(folder / name, ns=(1, 1))
    before = compare(before, folder, NAMES).now
    before.changed[:] = [os.stat(folder / name).st_ctime_ns for name in NAMES]
    for old, new in (("a/1.png", "a/3.png"), ("a/2.png", "a/1.png"), ("a/3.png", "a/2.png")):
        (folder / old).rename(folder / new)
    assert changes(before, folder) == ((), (), ("a/1.png", "a/2.png"))


def test_a_change_within_a_tick_of_the_clock_is_seen(folder):
    before = FileTable.read(folder, NAMES)
    stamp = os.stat(folder / NAMES[0])
    (folder / NAMES[0]).write_bytes(b"another")
    os.utime(folder / NAMES[0], ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert changes(before, folder) == ((), (), (NAMES[0],))


@settings(max_examples=25)
@given(order=st.permutations(NAMES), kept=st.integers(0, 3))
def test_the_order_of_the_files_does_not_matter(tmp_path_factory, order, kept):
    folder = epath.Path(tmp_path_factory.mktemp("files"))
    for name in NAMES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode())
    found = compare(FileTable.read(folder, NAMES), folder, order[:kept])
    assert (found.added, found.changed) == ((), ())
    assert {*found.removed} == {*order[kept:]}
    assert found.now.paths == tuple(order[:kept])


def test_no_files_are_a_table_too():
    table = FileTable.read(None, ())
    assert changes(table, None, ()) == ((), (), ())
