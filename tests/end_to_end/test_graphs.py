# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs by the commands: searched, killed and gone on with, trained, evaluated, reported."""

import json
import re
import signal

import keras
import numpy as np
import pytest

from snas_tf import data as snas_data
from snas_tf import serving
from snas_tf.data.division import TRAIN
from snas_tf.data.graphs import padded
from tests.end_to_end.processes import OFTEN, on_two_replicas, run_here, run_to_the_end, stop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Sixty rings and paths of four to eight nodes, which only their edges tell apart."""
    path, rng = tmp_path_factory.mktemp("graphs") / "rings.npz", np.random.default_rng(0)
    sizes = rng.integers(4, 9, 60)
    starts, label = np.cumsum(sizes) - sizes, np.arange(60) % 2
    edges = []
    for start, size, ring in zip(starts, sizes, label, strict=True):
        edges += [(start + node, start + (node + 1) % size) for node in range(size - 1 + ring)]
    np.savez(
        path,
        graph_id=np.repeat(np.arange(60), sizes),
        edges=np.array(edges),
        node_attr=np.ones((sizes.sum(), 1)),
        graph_target=label,
        class_names=np.array(["path", "ring"]),
    )
    return path


@pytest.fixture(scope="module")
def words(data):
    return (
        "--config.space.name=graph",
        f"--config.data.source=npz:{data}",
        "--config.data.task=graph",
        "--config.data.both_directions=True",
        "--config.data.batch_size=12",
        "--config.space.num_layers=1",
        "--config.space.num_states=1",
        "--config.space.entity_operations=('none','identity','sum')",
        "--config.space.edge_operations=('none','cat')",
        "--config.network.width=8",
        "--config.search.epochs=6",
        "--config.train.epochs=6",
    )


@pytest.fixture(scope="module")
def searched(words, tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "run"
    return path, run_to_the_end(path, ("--mode=search", *words))


def test_a_search_tells_and_draws_what_it_found(searched):
    path, told = searched
    assert "2 classes (path, ring): 38 graphs to learn from, 10 to validate on" in told
    assert "entities of layer 1" in told
    page = (path / "report.html").read_text()
    assert "The layers" in page
    assert "Graph of layer 1. entities of layer 1:" in page
    assert [each.name for each in path.glob("layer_1*.png")] == ["layer_1.png"]
    header, *rows = (path / "metrics.csv").read_text().splitlines()
    assert {"val_accuracy", "val_balanced_accuracy", "val_f1"} <= {*header.split(",")}
    assert len(rows) == 6
    (child,) = (
        each
        for each in json.loads((path / "results.json").read_text())
        if each["name"].startswith("child")
    )
    assert child["count"] == 10
    assert child["recalibrated"] is not None
    assert {child["balanced_accuracy"], child["f1"]} != {None}
    assert not (path / "network.keras").exists()  # Keras has no layers for edges


def test_a_search_that_is_killed_goes_on_to_the_same_bits(searched, words, tmp_path):
    path = tmp_path / "run"
    command = ("--mode=search", *words, OFTEN)
    code, _, err = stop(path, command, signal.SIGKILL, "search-00001-0000002")
    assert code == -signal.SIGKILL, err
    assert "Continuing after" in run_to_the_end(path, command)
    for name in ("genotype.json", "metrics.csv"):
        assert (path / name).read_bytes() == (searched[0] / name).read_bytes()


def test_what_was_found_is_trained_and_evaluated(searched):
    path, _ = searched
    run_to_the_end(path, ("--mode=train", "--config.train.epochs=6"))
    told = run_to_the_end(path, ("--mode=evaluate",))
    assert "accuracy" in told
    measured = json.loads((path / "training_results.json").read_text())
    last = next(each for each in measured if each["split"] == "test")
    assert last["count"] == 12
    assert {each["name"] for each in last["classes"]} == {"path", "ring"}
    recalls = [each["right"] / each["count"] for each in last["classes"]]
    assert last["balanced_accuracy"] == pytest.approx(sum(recalls) / 2)
    assert 0 <= last["f1"] <= 1
    assert "balanced accuracy" in (path / "report.html").read_text()
    assert last["latency"] > 0


def test_it_is_exported_and_verified(searched, data):
    path, _ = searched
    command = ("--mode=export", "--config.export.network=child", "--config.export.allow_chance=1")
    told = run_to_the_end(path, command)
    assert "greatest difference of a probability" in told
    (version,) = (path / "export").glob("*/saved_model.pb")
    predict = serving.graph_predictor(version.parent)
    test = snas_data.load(f"npz:{data}", both_directions=True).test.graphs
    found = predict(test)
    assert found.shape == (12, 2)
    metadata = json.loads((version.parent / "assets.extra" / "metadata.json").read_text())
    right = (found.argmax(axis=1) == test.labels).mean()
    assert metadata["accuracy"]["saved_model"] == pytest.approx(right)
    tried = metadata["verification"]
    assert tried["cpp_differences"] is None or tried["malformed_refused"] > 30


def test_other_graphs_and_what_needs_images_are_refused_in_one_line(searched, data, words):
    path, _ = searched
    content = data.read_bytes()
    try:
        with np.load(data) as arrays:
            np.savez(data, **{**arrays, "node_attr": arrays["node_attr"] + 1})
        code, _, err = run_here(path, ("--mode=evaluate",))
    finally:
        data.write_bytes(content)
    assert code == 2
    assert "1 file changed ('rings.npz')" in err
    code, _, err = run_here(path, ("--mode=latency",))
    assert code == 2
    assert re.search(r"snas_tf: error: .*must", err)


def test_graphs_without_labels_are_answered_a_line_each(searched, data, tmp_path):
    path, _ = searched
    given = tmp_path / "new.npz"
    with np.load(data) as arrays:
        unlabelled = [name for name in arrays if name not in ("graph_target", "class_names")]
        np.savez(given, **{name: arrays[name] for name in unlabelled})
    command = ("--mode=predict", "--config.export.allow_chance=1", "--config.export.network=child")
    code, out, err = run_here(path, (*command, str(given)))
    assert code == 0, err
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[0] for line in lines] == [f"{given}[{number}]" for number in range(60)]
    assert {line[1] for line in lines} <= {"path", "ring"}
    # The same as of the data set that it was searched on, whose order and labels play no part.
    known = snas_data.load(f"npz:{data}", both_directions=True)
    network = keras.saving.load_model(path / "child.keras")
    batch, _ = padded(known.train.graphs)
    logits = network.predict_on_batch(snas_data.normalization(known)(batch))
    chosen = np.flatnonzero(known.division["train"] == TRAIN)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits)).max(axis=1)
    found = np.array([float(lines[number][2]) for number in chosen])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    code, _, err = run_here(path, (*command, str(data.with_name("absent.npz"))))
    assert code == 2
    assert "what is predicted must be `npz:FILE` with graphs" in err


def test_numbers_are_searched_trained_measured_and_predicted(data, words, tmp_path):
    numbers, path = tmp_path / "sizes.npz", tmp_path / "run"
    with np.load(data) as arrays:
        sizes = np.bincount(arrays["graph_id"]) + 0.5
        kept = {name: arrays[name] for name in arrays if name != "class_names"}
        np.savez(numbers, **{**kept, "graph_target": sizes})
    command = ("--mode=search", *words, f"--config.data.source=npz:{numbers}")
    command += ("--config.network.edge_states=False",)  # is traced sooner
    refused = ("search.method=random", "search.num_seeds=2", "search.derivation=samples")
    for key in (*refused, "data.class_weights=balanced"):
        code, _, err = run_here(path, (*command, f"--config.{key}"))
        assert code == 2
        assert f"`--config.{key.partition('=')[0]}` must be" in err
        assert not path.exists()
    told = run_to_the_end(path, (*command, "--config.search.epochs=2"))
    assert "Searching on sizes, numbers to tell: 38 graphs to learn from" in told
    run_to_the_end(path, ("--mode=train", "--config.train.epochs=2"))
    assert "error" in run_to_the_end(path, ("--mode=evaluate",))
    files = ("results.json", "training_results.json")
    found = [each for name in files for each in json.loads((path / name).read_text())]
    assert len(found) == 7  # of four networks, three of which on test graphs too
    assert all(each["mean_absolute_error"] > 0 and each["accuracy"] is None for each in found)
    assert "mean absolute error" in (path / "report.html").read_text()
    code, out, err = run_here(path, ("--mode=predict", "--json", str(numbers)))
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [*lines[59]] == ["file", "value"] and len(lines) == 60
    assert lines[59]["file"] == f"{numbers}[59]"
    told = run_to_the_end(path, ("--mode=export",))
    assert "greatest difference of a value" in told
    assert "It answers value, a row for each of the graphs." in told
    (version,) = (path / "export").glob("*/saved_model.pb")
    test = snas_data.load(f"npz:{numbers}", both_directions=True).test.graphs
    found = serving.graph_predictor(version.parent)(test)
    metadata = json.loads((version.parent / "assets.extra" / "metadata.json").read_text())
    error = metadata["mean_absolute_error"]["saved_model"]
    assert error == pytest.approx(np.abs(found - test.labels).mean(), rel=1e-4)


def test_a_search_on_two_replicas(words, tmp_path):
    told = on_two_replicas(tmp_path, "--mode=search", *words, "--config.search.epochs=1")
    assert "3 steps an epoch on 2 devices." in told
    (child,) = (
        each
        for each in json.loads((tmp_path / "run" / "results.json").read_text())
        if each["name"].startswith("child")
    )
    assert child["count"] == 10


def test_a_search_by_trials(words, tmp_path):
    trials = ("number=2", "epochs=1", "workers=0")
    command = ("--mode=search", *words, "--config.search.method=policy")
    told = run_to_the_end(tmp_path, (*command, *(f"--config.trials.{each}" for each in trials)))
    assert "2 of 2 trials" in " ".join(told.split())
    (best,) = json.loads((tmp_path / "results.json").read_text())
    assert best["count"] == 10 and best["f1"] is not None
    assert "entities of layer 1" in (tmp_path / "report.html").read_text()


def test_what_is_no_graph_is_refused_and_nothing_written(words, tmp_path):
    bad = tmp_path / "bad.npz"
    np.savez(bad, edges=np.array([[0, 7]]), node_attr=np.ones((2, 1)), graph_target=np.zeros(1))
    for source, told in (
        (f"npz:{bad}", "edges must be between nodes, 0 to 1: given [0, 7]"),
        (f"tu:{tmp_path}", "0 files of edges"),
        ("digits", "`--config.data.source` must be graphs:cluster"),
    ):
        command = ("--mode=search", *words, f"--config.data.source={source}")
        code, _, err = run_here(tmp_path / "run", command)
        assert code == 2
        assert told in err
        assert not (tmp_path / "run").exists()
