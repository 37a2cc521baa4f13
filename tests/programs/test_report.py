# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A report is made of the files of a run, at every moment of it."""

import json

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.evaluation import Table
from snas_tf.fitting import generation
from snas_tf.fitting.history import History
from snas_tf.programs import report
from snas_tf.reports import Result, SeedResult, to_html
from snas_tf.runs import results
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory


@pytest.fixture
def directory(tmp_path):
    """A search that was stopped after its second epoch."""
    directory = RunDirectory(tmp_path / "a run")
    with directory:
        directory.begin("search", config.get_config())
    folder = directory.checkpoints_folder / "search-00002"
    folder.mkdir(parents=True)
    probabilities = np.full((14, 8), 0.1, np.float32)
    probabilities[0, 3] = 0.9
    rows = [
        {"epoch": number, "loss": 1.0 / number, "temperature": 0.5, "val_accuracy": 0.4 * number}
        for number in (1, 2)
    ]
    History(rows, {kind: [probabilities] * 2 for kind in space.KINDS}).save(folder)
    generation.seal(folder, generation.Position(2))
    dataset = {"name": "digits", "image_shape": [8, 8, 1], "class_names": list("0123456789")}
    write_json(directory.dataset_path, dataset)
    return directory


@pytest.mark.slow
def test_a_run_that_goes_on_is_reported_with_what_it_would_find_now(directory):
    found = report.assemble(directory)
    assert found.title == "Architecture search on digits"
    assert found.summary == (
        "The search is not finished: 2 of 60 epochs. It has decided 2 of 28 choices, in which one "
        "option has 50 % or more; the entropy is 51.3 of at most 58.2 nats."
    )
    assert found.architecture.connections("normal")[0] == space.Connection(0, 2, "skip_connect")
    assert found.next_commands == found.warnings == ()
    report.write(directory)
    assert "2 of 60 epochs" in directory.report_path.read_text()
    assert directory.picture_path("normal_cell").read_bytes().startswith(b"\x89PNG")


def test_the_child_of_every_epoch_is_a_point_of_accuracy_and_cost(directory):
    found = report.assemble(directory)
    skeleton = space.Skeleton(num_cells=3, init_channels=8, num_classes=10, image_shape=(8, 8, 1))
    assert [point.accuracy for point in found.trade_off] == [0.4, 0.8]
    assert {point.cost for point in found.trade_off} == {space.cost(found.architecture, skeleton)}


@pytest.mark.slow
def test_what_went_astray_is_told_for_the_epochs_in_which_it_did(directory):
    """Two epochs of a search planned for 60, the second of which left the normal cell empty."""
    cells = space.CellSpace()
    sure = {name: np.eye(8)[[cells.primitives.index(name)] * 14] for name in cells.primitives}
    newest = directory.checkpoints_folder / "search-00002"
    rows = History.load(newest).rows
    convolutions = sure["sep_conv_3x3"]
    History(
        rows,
        {"normal": [convolutions, sure["none"]], "reduction": [np.full((14, 8), 1 / 8)] * 2},
    ).save(newest)
    (newest / generation.MANIFEST).unlink()
    generation.seal(newest, generation.Position(2))
    assert report.assemble(directory).warnings == space.degeneracies(
        {
            "normal": np.stack([convolutions, sure["none"]]),
            "reduction": np.full((2, 14, 8), 1 / 8),
        },
        cells,
        epochs=60,
    )
    told = {(one.what, one.epoch, one.until) for one in report.assemble(directory).warnings}
    assert told == {("entropy collapse", 1, None), ("empty cell", 2, None)}
    report.write(directory)
    assert "<h2>Warnings</h2>" in directory.report_path.read_text()
    # What a budget chose in the end counts, not the argmax.
    space.PUBLISHED["SNAS_MILD"].save(directory.genotype_path)
    assert [one.what for one in report.assemble(directory).warnings] == ["entropy collapse"]


@pytest.mark.slow
def test_a_finished_search_that_found_nothing_says_so_plainly(directory):
    """As after four epochs: probabilities as at the start, and an accuracy that may be chance."""
    newest = directory.checkpoints_folder / "search-00002"
    (newest / generation.MANIFEST).unlink()
    even = [np.full((14, 8), 1 / 8)] * 2
    rows = [{"epoch": number, "accuracy": 0.9, "val_sampled_accuracy": 0.2} for number in (1, 2)]
    History(rows, {kind: even for kind in space.KINDS}).save(newest)
    generation.seal(newest, generation.Position(2))
    child = Result(name=results.CHILD, split="validation", accuracy=0.297, count=74)
    supernet = Result(name=results.SUPERNET, split="validation", accuracy=0.25, count=74)
    results.record(directory.results_path("search"), [supernet, child])
    names, sizes = ["a", "b", "c", "d"], {"train": 9, "validation": 74, "test": 12}
    counts = {"train": [2, 2, 2, 3], "validation": [20, 18, 18, 18], "test": [4, 4, 4, 0]}
    described = {"name": "mine", "image_shape": [8, 8, 1], "class_names": names, "sizes": sizes}
    write_json(directory.dataset_path, {**described, "class_counts": counts})
    before = {one.what for one in report.assemble(directory).warnings}
    assert before == {"chance", "few images"}, "a search that goes on may still decide"
    directory.mark_finished("search")
    found = report.assemble(directory)
    assert "It has decided 0 of 28 choices" in found.summary
    assert "entropy is 58.2 of at most 58.2 nats" in found.summary
    told = [(one.what, one.about) for one in found.warnings]
    assert told == [
        ("chance", results.CHILD),
        ("far above", "search"),
        ("undecided", "search"),
        ("few images", "test"),
        ("few images", "train"),
    ]
    page = to_html(found)
    assert "<h2>Warnings</h2>" in page and "is no better than chance: 29.70 % of 74" in page


@pytest.mark.slow
def test_networks_of_two_cells_have_no_normal_cell(directory):
    recorded = json.loads(directory.config_path.read_text())
    recorded["search"]["network"]["num_cells"] = 2
    write_json(directory.config_path, recorded)
    norms = {kind: np.ones((14, 2)).tolist() for kind in space.KINDS}
    write_json(directory.resources_path, {"gradient_norms": norms})
    found = report.assemble(directory)
    assert found.uses == ("reduction",)
    assert [*found.probabilities] == [*found.gradient_shares] == ["reduction"]
    assert "1 of 14 choices" in found.summary
    report.write(directory)
    assert directory.picture_path("reduction_cell").exists()
    assert not directory.picture_path("normal_cell").exists()
    page = directory.report_path.read_text()
    assert "reduction cell</caption>" in page and "normal cell</caption>" not in page
    assert "has no normal cell" in page


def test_under_a_budget_the_report_is_of_the_networks_within_it(directory):
    """Genotype and trade-off of a search that was stopped; no network but the mode was meant."""
    cells = space.CellSpace()
    skeleton = space.Skeleton(num_cells=3, init_channels=8, num_classes=10, image_shape=(8, 8, 1))
    mode = report.assemble(directory).architecture
    limit = space.cost(mode, skeleton).parameters - 1
    bounds = space.limits(space.Budget(parameters=limit), space.cell_cost_table(cells, skeleton))
    write_json(directory.resources_path, {"limits": [bound.get_config() for bound in bounds]})
    found = report.assemble(directory)
    assert found.architecture != mode
    assert space.cost(found.architecture, skeleton).parameters <= limit
    assert {point.cost for point in found.trade_off} == {space.cost(found.architecture, skeleton)}
    probabilities = History.load(directory.checkpoints_folder / "search-00002").probabilities
    last = {kind: values[-1] for kind, values in probabilities.items()}
    assert found.architecture == space.derive(last, cells, bounds=bounds)


@pytest.mark.slow
def test_constraint_and_seeds_are_told_where_they_were_recorded(directory):
    norms = {kind: np.ones((14, 2)).tolist() for kind in space.KINDS}
    told = {"gradient_norms": norms, "target": "The found network has 7.", "target_missed": True}
    write_json(directory.resources_path, told)
    seeds = [
        SeedResult(seed=seed, supernet_accuracy=0.5, child_accuracy=0.6, cost=space.Cost())
        for seed in (1, 2)
    ]
    results.record_seeds(directory.seeds_path, seeds)
    found = report.assemble(directory)
    assert found.gradient_shares["normal"].shape == (14, 2)
    assert (found.target, found.target_missed) == ("The found network has 7.", True)
    assert found.seeds == tuple(seeds)
    assert [point.accuracy for point in found.trade_off[2:]] == [0.6, 0.6]
    report.write(directory)
    assert "The found network has 7." in directory.report_path.read_text()


def test_a_finished_search_names_what_it_found_and_what_comes_next(directory):
    space.PUBLISHED["SNAS_MILD"].save(directory.genotype_path)
    measured = {results.SUPERNET: 0.972, results.CHILD: 0.99}
    results.record(
        directory.results_path("search"),
        [
            Result(name=name, split="validation", accuracy=accuracy, count=100)
            for name, accuracy in measured.items()
        ],
    )
    directory.mark_finished("search")
    directory.network_path("search").touch()
    found = report.assemble(directory)
    assert found.architecture == space.PUBLISHED["SNAS_MILD"]
    assert "classifies 99.0 % of the validation" in found.summary and "97.2 %" in found.summary
    for mode, command in zip(("train", "evaluate", "export"), found.next_commands, strict=True):
        assert f" --mode={mode} " in command


@pytest.mark.slow
def test_a_table_is_asked_of_every_epoch_and_what_it_said_is_kept(directory):
    genotype = report.assemble(directory).architecture
    table = Table(
        [genotype, space.PUBLISHED["SNAS_MILD"]], {"accuracy": [0.5, 0.75]}, name="two.csv"
    )
    report.write(directory, table)
    told = report.assemble(directory).truth
    assert [one.rank for one in told.trajectory] == [2, 2] and told.best.values == {
        "accuracy": 0.75
    }
    assert "By two.csv" in directory.report_path.read_text()
    kept = directory.truth_path.read_bytes()
    report.write(directory)
    assert directory.truth_path.read_bytes() == kept
    assert "By two.csv" in directory.report_path.read_text()


@pytest.mark.slow
def test_no_table_is_nothing_told(directory):
    report.write(directory)
    assert report.assemble(directory).truth is None and not directory.truth_path.exists()
