# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all."""

import json
import pathlib

import pytest
from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.runs import files


def test_json_is_read_back_and_tuples_are_lists(tmp_path):
    path = tmp_path / "data.json"
    files.write_json(path, {"a": (1, 2.5), "ü": "ß"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": [1, 2.5], "ü": "ß"}
    assert "ü" in path.read_text(encoding="utf-8")


def test_a_file_is_replaced_and_no_draft_stays(tmp_path):
    path = tmp_path / "notes.txt"
    for text in ("old", "new"):
        files.write_text(path, text)
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_readers_keep_the_file_that_they_opened(tmp_path):
    path = tmp_path / "notes.txt"
    files.write_text(path, "old")
    with path.open() as reader:
        files.write_text(path, "something longer")
        assert reader.read() == "old"


def test_the_old_file_survives_what_cannot_be_written(tmp_path):
    path = tmp_path / "data.json"
    files.write_json(path, [1])
    with pytest.raises(TypeError):
        files.write_json(path, [pathlib.Path()])
    files.draft_path(path).mkdir()
    with pytest.raises(OSError):
        files.write_json(path, [2])
    assert json.loads(path.read_text()) == [1]


@pytest.mark.parametrize("content", ["", "{", "not JSON", "[" * 100_000])
def test_a_damaged_record_of_a_run_is_told_with_its_name(tmp_path, content):
    path = epath.Path(tmp_path / "results.json")
    assert files.read_json(path, ()) == ()
    files.write_json(path, {"two": (1, 2)})
    assert files.read_json(path) == {"two": [1, 2]}
    path.write_text(content)
    with pytest.raises(InvalidInput, match="results.json.*must be JSON.*begin anew"):
        files.read_json(path)
