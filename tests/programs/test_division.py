# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step cannot do is refused before anything is written."""

import io

import pytest
import rich.console

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.native import library
from snas_tf.programs import division
from snas_tf.runs.run_directory import RunDirectory


def given(values):
    made = config.get_config()
    made.update_from_flattened_dict(values)
    return made


@pytest.mark.parametrize(
    ("stage", "values", "key"),
    [
        ("search", {}, "data.batch_size"),
        ("train", {}, "data.batch_size"),
        ("train", {"train.batch_size": 3}, "train.batch_size"),
    ],
)
def test_every_device_needs_an_image(stage, values, key):
    with pytest.raises(InvalidInput, match=f"`--config.{key}` must be at least 4.*: given 3"):
        division.check(given(values), stage, 3, 4)
    division.check(given(values), stage, 4, 4)
    division.check(given(values), stage, 1, 1)


@pytest.mark.parametrize("stage", ["search", "train"])
def test_synchronised_devices_cannot_be_compiled(stage):
    key = f"{stage}.synchronized_batch_norm"
    both = given({key: True, "runtime.jit_compile": True})
    with pytest.raises(InvalidInput, match=f"`--config.{key}` cannot be used with"):
        division.check(both, stage, 64, 2)
    division.check(both, stage, 64, 1)
    division.check(both, "train" if stage == "search" else "search", 64, 2)
    division.check(given({key: True}), stage, 64, 2)


@pytest.mark.parametrize("estimator", ["straight_through", "score_function"])
def test_synchronised_devices_cannot_run_one_operation_an_edge(estimator):
    both = given({"search.estimator": estimator, "search.synchronized_batch_norm": True})
    with pytest.raises(InvalidInput, match="`--config.search.synchronized_batch_norm` cannot be"):
        division.check(both, "search", 64, 2)
    division.check(both, "search", 64, 1)
    division.check(both, "train", 64, 2)
    division.check(given({"search.estimator": estimator}), "search", 64, 2)


@pytest.mark.parametrize(
    ("estimator", "gradient"),
    [("softmax", "score_function"), ("score_function", "reparameterized")],
)
def test_an_estimator_goes_with_some_gradients_of_the_cost_alone(estimator, gradient):
    both = given({"search.estimator": estimator, "search.resource_gradient": gradient})
    match = (
        f"`--config.search.resource_gradient` must be .* `--config.search.estimator` '{estimator}'"
    )
    with pytest.raises(InvalidInput, match=match):
        division.check(both, "search", 64, 1)
    division.check(both, "train", 64, 1)


@pytest.mark.parametrize(
    ("before", "now", "saved", "overwrite", "told"),
    [
        (1, 2, True, False, True),
        (2, 1, True, False, True),
        (2, 2, True, False, False),
        (1, 2, False, False, False),
        (1, 2, True, True, False),
    ],
)
def test_going_on_with_other_devices_is_told(tmp_path, before, now, saved, overwrite, told):
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("search", config.get_config(), replicas=before)
    if saved:
        (directory.checkpoints_folder / "search-00001").mkdir(parents=True)
    console = rich.console.Console(file=io.StringIO())
    again = RunDirectory(tmp_path / "run", overwrite=overwrite)
    division.tell_of_another(again, "search", now, console)
    text = console.file.getvalue()
    assert bool(text) == told
    if told:
        assert f"was on {before} device(s) and goes on with {now}" in text


@pytest.mark.parametrize(("began", "goes_on"), [(True, False), (False, True)])
def test_going_on_with_other_operations_is_told(tmp_path, monkeypatch, began, goes_on):
    monkeypatch.setattr(library._process, "in_use", began)
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("search", config.get_config())
    (directory.checkpoints_folder / "search-00001").mkdir(parents=True)
    console = rich.console.Console(file=io.StringIO())
    again = RunDirectory(tmp_path / "run")
    division.tell_of_another(again, "search", 1, console)
    assert not console.file.getvalue()
    monkeypatch.setattr(library._process, "in_use", goes_on)
    division.tell_of_another(again, "search", 1, console)
    ways = {True: "with", False: "without"}
    expected = f"{ways[began]} custom C++ ops and goes on {ways[goes_on]} them"
    assert expected in console.file.getvalue()
