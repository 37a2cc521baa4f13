# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Names and order of checkpoints, and the checksums that make a folder one."""

import hypothesis
import hypothesis.strategies as st
import pytest
from etils import epath

from snas_tf.fitting import generation
from snas_tf.fitting.generation import Generation, Position

POSITIONS = st.builds(Position, st.integers(0, 99_999), st.integers(0, 9_999_999))


@pytest.fixture
def sealed(tmp_path):
    folder = epath.Path(tmp_path) / "search-00003-0000120"
    folder.mkdir()
    (folder / "a").write_text("some")
    (folder / "b").write_text("thing")
    generation.seal(folder, Position(3, 120))
    return Generation(folder, Position(3, 120))


@hypothesis.given(POSITIONS)
def test_a_name_tells_its_position(tmp_path_factory, position):
    folder = epath.Path(tmp_path_factory.mktemp("names"))
    (folder / generation.folder_name("search", position)).mkdir()
    (found,) = generation.generations(folder, "search")
    assert found.position == position
    assert generation.generations(folder, "train") == []


def test_the_newest_comes_first_and_nothing_else_counts(tmp_path):
    for name in ("search-00001", "search-00001-0000020", "search-00002", "search-00001-0000003"):
        (tmp_path / name).mkdir()
    for name in (
        "train-00009",
        "damaged-search-00009",
        ".search-00009.1",
        "search-9",
        "search-00001-x",
    ):
        (tmp_path / name).mkdir()
    found = generation.generations(epath.Path(tmp_path), "search")
    assert [(g.position.epochs, g.position.steps) for g in found] == [
        (2, 0),
        (1, 20),
        (1, 3),
        (1, 0),
    ]
    assert generation.generations(epath.Path(tmp_path / "missing"), "search") == []


def test_positions_in_words():
    assert str(Position(3)) == "epoch 3"
    assert str(Position(3, 120)) == "epoch 3 and 120 steps"


def test_what_is_as_it_was_written_is_intact(sealed):
    assert sealed.damage() == ""
    assert generation.newest_intact(sealed.path.parent, "search") == sealed


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a", "sOme", "its a differs"),
        ("b", None, "its b is missing"),
        ("manifest.json", "{", "manifest.json is missing or cannot be read"),
        ("manifest.json", "[]", "manifest.json is missing or cannot be read"),
        ("manifest.json", None, "manifest.json is missing or cannot be read"),
    ],
)
def test_what_is_not_is_told(sealed, name, content, told):
    path = sealed.path / name
    path.unlink() if content is None else path.write_text(content)
    assert told in sealed.damage()
    assert generation.newest_intact(sealed.path.parent, "search") is None


def test_a_checkpoint_of_another_position_is_none(sealed):
    assert "another checkpoint" in Generation(sealed.path, Position(4)).damage()


def test_drafts_are_those_of_the_stage(tmp_path):
    for name in (".search-00001.77", ".train-00001.77", "search-00001"):
        (tmp_path / name).mkdir()
    (found,) = generation.drafts(epath.Path(tmp_path), "search")
    assert found.name == ".search-00001.77"
