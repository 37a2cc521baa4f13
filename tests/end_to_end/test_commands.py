# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A whole run by the real command: search, train, evaluate, report, export; and wrong input."""

import csv
import json
import pathlib
import shlex
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from snas_tf import ChildNetwork, data, main, space
from snas_tf.runs.run_directory import RunDirectory
from tests.end_to_end.processes import FEW_OPERATIONS, SEARCH, on_two_replicas

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[2]
VALUES = SEARCH[1:]
"""Of the config."""

RUN_FILES = {
    "checkpoints",
    "child.keras",
    "config.json",
    "dataset.json",
    "environment.json",
    "genotype.json",
    "logs",
    "manifest.jsonl",
    "metrics.csv",
    "network.keras",
    "reduction_cell.png",
    "report.html",
    "resources.json",
    "results.json",
    "state.json",
}


@pytest.fixture
def run(capsys):
    """The command in this process, where TensorFlow is loaded: (exit code, out, err)."""

    def run(*words):
        code = main.run([str(word) for word in words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def searched(finished_search, tmp_path_factory):
    """A folder in which `runs/tiny` holds a finished search, of which more is made here."""
    return shutil.copytree(finished_search[0], tmp_path_factory.mktemp("commands") / "folder")


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def digits():
    return data.load("digits", validation_fraction=0.2, seed=0)


def test_a_search_leaves_all_of_a_run(uninterrupted):
    path = uninterrupted
    assert {entry.name for entry in path.iterdir()} - {".lock"} == RUN_FILES
    table = rows(path / "metrics.csv")
    assert [row["epoch"] for row in table] == [*"12345"]
    assert float(table[-1]["temperature"]) == pytest.approx(0.03)
    assert {"loss", "accuracy", "val_accuracy", "val_sampled_accuracy"} <= set(table[0])
    assert {"entropy_reduction", "expected_multiply_adds"} <= set(table[0])
    assert "entropy_normal" not in table[0], "two cells only reduce"
    assert list((path / "logs" / "search").rglob("events.out.*"))
    assert [entry.name for entry in sorted((path / "checkpoints").iterdir())] == [
        "search-00004",
        "search-00005",
    ]


def test_a_search_ends_with_what_it_found_and_the_next_command(finished_search):
    _, out, err = finished_search
    assert err == ""
    for text in ("epoch 5/5", "child without", "reduction cell", "left 0 s"):
        assert text in out
    next_command = next(line for line in out.splitlines() if line.startswith("Next: "))
    words = shlex.join(["--mode=train", "--workdir=runs/tiny", *VALUES])
    assert next_command.endswith(words)


def test_the_results_are_those_of_the_files(uninterrupted):
    path = uninterrupted
    genotype = space.Genotype.load(path / "genotype.json")
    child = keras.saving.load_model(path / "child.keras")
    images = digits()
    layer = data.normalization(images)
    logits = child.predict(layer(images.validation.images), verbose=0)
    accuracy = (logits.argmax(-1) == images.validation.labels).mean()
    results = {entry["name"]: entry for entry in json.loads((path / "results.json").read_text())}
    assert results["child without retraining"]["accuracy"] == pytest.approx(accuracy)
    assert results["child without retraining"]["count"] == len(logits)
    assert results["child without retraining"]["cost"]["parameters"] == child.count_params() - sum(
        int(np.prod(weight.shape)) for weight in child.non_trainable_weights
    )
    assert isinstance(child, ChildNetwork) and genotype == child.genotype
    assert "supernet, sampled" in results
    assert rows(path / "metrics.csv")[-1]["val_accuracy"][:8] == str(float(accuracy))[:8]


def test_the_same_command_again_says_that_it_is_finished(searched, run, monkeypatch):
    monkeypatch.chdir(searched)
    before = (searched / "runs/tiny/metrics.csv").stat().st_mtime_ns
    code, out, err = run("--workdir=runs/tiny", *SEARCH)
    assert (code, err) == (0, "") and "is finished" in out and "--overwrite" in out
    assert (searched / "runs/tiny/metrics.csv").stat().st_mtime_ns == before


def test_another_config_is_refused_with_the_keys_that_differ(searched, run, monkeypatch):
    monkeypatch.chdir(searched)
    words = (*SEARCH, "--config.search.momentum=0.8", "--config.seed=3")
    code, _, err = run("--workdir=runs/tiny", *words)
    assert code == 2 and "--config.seed is 0 there, 3 here" in err
    assert "--config.search.momentum is 0.9 there, 0.8 here" in err
    code, _, err = run("--mode=evaluate", "--workdir=runs/tiny", "--config.seed=3")
    assert code == 2 and "--config.seed is 0 there, 3 here" in err


def test_train_evaluate_export_and_report(searched, run, monkeypatch):
    monkeypatch.chdir(searched)
    path = searched / "runs" / "tiny"
    trained = ("--mode=train", "--workdir=runs/tiny", *VALUES, "--config.train.epochs=2")
    code, out, err = run(*trained, "--config.train.drop_path=0.2", "--config.train.inherit=true")
    assert code == 0, err
    assert "last epoch" in out and "--mode=export" in out
    table = rows(path / "training_metrics.csv")
    assert [row["epoch"] for row in table] == ["1", "2"]
    assert {"top_5_accuracy", "val_top_5_accuracy", "val_loss"} <= set(table[0])
    accuracies = [float(row["val_accuracy"]) for row in table]
    validated = {
        entry["name"]: entry["accuracy"]
        for entry in json.loads((path / "training_results.json").read_text())
    }
    assert [*validated.values()] == pytest.approx([accuracies[-1], max(accuracies)])
    best = 1 + accuracies.index(max(accuracies))
    assert f"Of 2 epochs the best on the validation images was number {best}." in out
    code, out, err = run("--mode=evaluate", "--workdir=runs/tiny")
    assert code == 0, err
    files = ("results.json", "training_results.json")
    results = [entry for name in files for entry in json.loads((path / name).read_text())]
    tested = {entry["name"]: entry for entry in results if entry["split"] == "test"}
    last, best = "trained, last epoch", "trained, best epoch"
    assert {"child without retraining", last, best} == set(tested)
    images = digits()
    for entry in tested.values():
        classes = entry["classes"]
        assert [one["name"] for one in classes] == list(images.class_names)
        assert entry["count"] == images.test.size == sum(one["count"] for one in classes)
        right = sum(one["right"] for one in classes)
        assert entry["accuracy"] == pytest.approx(right / images.test.size)
        assert entry["accuracy"] <= entry["top_5_accuracy"] <= 1 and entry["latency"] > 0
        assert entry["cost"] == tested[last]["cost"]
    for text in ("top-5", "95 %", "latency", "last epoch", "best"):
        assert text in out
    (path / "export" / "1").mkdir(parents=True)  # a version that is there
    values = (
        "formats=('litert_int8','onnx')",
        "network=last",
        "keep_versions=1",
        "max_batch_size=200",
    )
    words = [f"--config.export.{value}" for value in values]
    code, out, err = run("--mode=export", "--workdir=runs/tiny", *words)
    assert (code, err) == (0, "")
    for text in (
        "runs/tiny/export/2",
        "Removed as older than export.keep_versions: 1.",
        "up to 200 images",
        "the network of the training's last epoch, ",
        "by `export.network`=last, whereas the search's child has ",
        "image_bytes",
        "30 malformed",
        "of 359",
        "model_int8.tflite",
    ):
        assert text in out
    folder = path / "export" / "2"
    assert [entry.name for entry in sorted(folder.parent.iterdir())] == [".lock", "2"]
    served = tf.saved_model.load(str(folder)).signatures["image_bytes"]
    files = tf.stack([tf.io.encode_png(image) for image in images.test.images[:200]])
    answer = served(image_bytes=files)
    right = answer["class_id"].numpy() == images.test.labels[:200]
    metadata = json.loads((folder / "assets.extra" / "metadata.json").read_text())
    assert metadata["accuracy"]["saved_model"] == pytest.approx(tested[last]["accuracy"])
    assert metadata["accuracy"]["onnx"] == pytest.approx(tested[last]["accuracy"])
    assert right.mean() == pytest.approx(tested[last]["accuracy"], abs=0.1)
    assert metadata["config"]["train"]["drop_path"] == 0.2 and metadata["stage"] == "training"
    assert metadata["results"] == json.loads((path / "training_results.json").read_text())
    assert metadata["dataset"] == images.describe()
    (path / "report.html").unlink()
    code, out, err = run("--mode=report", "--workdir=runs/tiny")
    assert code == 0, err
    page = (path / "report.html").read_text()
    for text in ("child without retraining", last, best, "supernet, sampled", "<svg"):
        assert text in page


def test_an_inherited_network_starts_where_the_search_ended(searched, run, monkeypatch):
    monkeypatch.chdir(searched)
    rate = "--config.train.learning_rate=1e-12"
    words = ("--mode=train", "--workdir=runs/tiny", *VALUES, "--overwrite", rate)
    code, _, err = run(*words, "--config.train.epochs=1", "--config.train.inherit")
    assert code == 0, err
    path = searched / "runs" / "tiny"
    child, trained = (
        keras.saving.load_model(path / name) for name in ("child.keras", "trained.keras")
    )
    for left, right in zip(child.trainable_weights, trained.trainable_weights, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-7)


def test_a_published_network_is_trained_without_a_search(tmp_path, run):
    genotype = "--config.train.genotype=SNAS_AGGRESSIVE"
    sizes = ("--config.train.num_cells=3", "--config.train.init_channels=4")
    words = (genotype, *sizes, "--config.train.epochs=1", "--config.data.batch_size=256")
    auxiliary = ("--config.train.auxiliary_weight=0.4", "--config.data.image_size=32")
    code, out, err = run("--mode=train", "--workdir", tmp_path / "run", *words, *auxiliary)
    assert code == 0, err
    assert "sep_conv_5x5" in out
    network = keras.saving.load_model(tmp_path / "run" / "trained.keras")
    assert network.genotype == space.PUBLISHED["SNAS_AGGRESSIVE"] and not network.auxiliary


def test_the_softmax_estimator_and_the_rule_of_darts(tmp_path, run):
    words = ("--config.search.estimator=softmax", "--config.search.derivation=top2")
    sizes = ("space.num_nodes=2", "search.epochs=1", "data.batch_size=512")
    words += tuple(f"--config.{size}" for size in sizes)
    all_operations = [word for word in SEARCH if word != FEW_OPERATIONS]
    code, _, err = run("--workdir", tmp_path / "run", *all_operations, *words)
    assert code == 0, err
    genotype = space.Genotype.load(tmp_path / "run" / "genotype.json")
    for kind in space.KINDS:
        arriving = [connection.node for connection in genotype.connections(kind)]
        assert arriving == [2, 2, 3, 3]


def test_a_search_on_two_replicas(tmp_path):
    out = on_two_replicas(tmp_path, *SEARCH, "--config.search.epochs=1")
    assert "child without" in out
    assert "8 steps an epoch on 2 devices." in out


def test_a_training_on_two_replicas_keeps_the_averaged_networks(tmp_path):
    values = (
        "genotype=SNAS_AGGRESSIVE",
        "num_cells=1",
        "init_channels=4",
        "epochs=1",
        "ema_decay=0.9",
    )
    words = [f"--config.train.{value}" for value in values]
    out = on_two_replicas(tmp_path, "--mode=train", "--config.data.batch_size=256", *words)
    assert "4 steps an epoch on 2 devices." in out
    last, best = (
        keras.saving.load_model(tmp_path / "run" / name) for name in ("trained.keras", "best.keras")
    )
    for left, right in zip(last.weights, best.weights, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.fixture
def folder(tmp_path):
    """Folders of images that cannot be used."""
    (tmp_path / "one_class" / "cats").mkdir(parents=True)
    for parent, name in (("unreadable", "cats"), ("unreadable", "dogs")):
        (tmp_path / parent / name).mkdir(parents=True, exist_ok=True)
        for number in range(6):
            pixels = np.full((8, 8, 3), 10 * number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / parent / name / f"{number}.png")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "one_class" / "cats" / "1.png")
    (tmp_path / "unreadable" / "dogs" / "broken.png").write_bytes(b"no image at all")
    other = space.Genotype(
        {"normal": (space.Connection(0, 2, "skip_connect"),), "reduction": ()}, num_nodes=3
    )
    other.save(tmp_path / "other.json")
    (tmp_path / "bad.json").write_text('{"schema_version": 1}')
    return tmp_path


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("search --config.data.source=folder:nowhere", ("nowhere",)),
        ("search --config.data.source=folder:one_class", ("one_class", "class")),
        ("search --config.data.source=folder:unreadable", ("broken.png",)),
        ("search --config.data.source=tfds:nothing", ("tfds:nothing", "data_dir")),
        ("search --config.data.batch_size=5000", ("`data.batch_size`", "1151")),
        ("train", ("genotype.json", "--mode=search")),
        ("train --config.train.genotype=SNAS_MIDL", ("SNAS_MILD", "'SNAS_MIDL'")),
        ("train --config.train.genotype=bad.json", ("bad.json", "num_nodes")),
        ("train --config.train.genotype=other.json", ("3 nodes", "num_nodes")),
        ("train --config.train.genotype=SNAS_MILD --config.train.inherit", ("inherit", "search")),
        (
            "train --config.train.genotype=DARTS_V1 --config.train.auxiliary_weight=1",
            ("auxiliary",),
        ),
        ("evaluate", ("no finished network", "--mode=search")),
        ("export", ("no finished network", "--mode=search")),
        ("report", ("no run", "--mode=search")),
        ("train --config.space.primitives=('none',) --config.train.genotype=SNAS_MILD", ("lacks",)),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(folder, run, monkeypatch, words, fragments):
    monkeypatch.chdir(folder)
    mode, *rest = words.split()
    code, out, err = run(f"--mode={mode}", "--workdir=run", *rest)
    assert code == 2, err
    assert err.startswith("snas_tf: error: ") and err.count("\n") == 1
    for fragment in fragments:
        assert fragment in err
    assert not (folder / "run").exists() and out == ""


def test_a_run_in_use_is_refused(searched, run, monkeypatch):
    monkeypatch.chdir(searched)
    holder = (
        "import sys, time; from snas_tf.runs.run_directory import RunDirectory;"
        "directory = RunDirectory('runs/tiny'); directory.lock();"
        "print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holder], stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    try:
        assert process.stdout.readline() == b"held\n"
        code, _, err = run("--mode=evaluate", "--workdir=runs/tiny")
        assert code == 2 and f"in use by process {process.pid}" in err
    finally:
        process.kill()
        process.wait()
    with RunDirectory("runs/tiny") as directory:
        directory.lock()
