# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model in a file by the commands: the example of docs/choice.md on a table in a file."""

import json
import pathlib
import re
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from snas_tf.networks.plain import metadata
from tests.end_to_end.processes import (
    OFTEN,
    assert_same_bits,
    finish,
    run_here,
    run_to_the_end,
    start,
    stop,
)

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "choice.md"
(BUILD,) = re.findall(r"^```python\n(def build\(\):\n.*?)^```", PAGE.read_text(), re.M | re.S)
MODEL = f"""
import keras
from keras import layers
import snas_tf

def dense(units, activation):
    return keras.Sequential([layers.Dense(units, activation), layers.Dense(16)])

{BUILD}
"""


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """The keys of a search of what the page shows."""
    folder = tmp_path_factory.mktemp("files")
    table, malign = load_breast_cancer(return_X_y=True)
    np.savez(folder / "tumours.npz", x=table, y=malign, class_names=["malignant", "benign"])
    np.savez(folder / "new.npz", x=table[:40])
    (folder / "my_model.py").write_text(MODEL)
    return (
        "--config.space.name=keras",
        f"--config.space.model={folder / 'my_model.py'}:build",
        f"--config.data.source=npz:{folder / 'tumours.npz'}",
        "--config.search.epochs=6",
        OFTEN,
    )


@pytest.fixture(scope="module")
def searched(words, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("runs") / "searched"
    return workdir, run_to_the_end(workdir, ("--mode=search", *words))


def test_it_is_searched_and_told(searched):
    workdir, told = searched
    assert {"normalisation", "layer"} == {
        *json.loads((workdir / "genotype.json").read_text())["chosen"]
    }
    assert "normalisation" in told and "wide" in told + (workdir / "genotype.json").read_text()
    measured = {each["name"]: each for each in json.loads((workdir / "results.json").read_text())}
    child = measured["child without retraining"]
    assert child["accuracy"] > 0.85
    network = keras.saving.load_model(workdir / "child.keras")
    assert child["cost"]["parameters"] == network.count_params()
    assert "The model with what it leaves open" in (workdir / "report.html").read_text()
    assert (workdir / "model.png").exists()


def test_what_was_found_loads_where_this_package_is_not(searched, words, tmp_path):
    workdir, _ = searched
    script = (
        "import sys; sys.modules['snas_tf'] = None\n"
        "import keras, numpy as np\n"
        f"network = keras.saving.load_model({str(workdir / 'network.keras')!r})\n"
        f"rows = np.load({str(tmp_path / 'rows.npy')!r})\n"
        f"np.save({str(tmp_path / 'answers.npy')!r}, network.predict(rows, verbose=0))\n"
    )
    rows = load_breast_cancer().data.astype("float32")
    np.save(tmp_path / "rows.npy", rows)
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    answers = np.load(tmp_path / "answers.npy")
    known = metadata(workdir / "network.keras")
    assert known["class_names"] == ["malignant", "benign"]
    child = keras.saving.load_model(workdir / "child.keras")
    normalised = (rows - known["mean"]) / known["deviation"]
    np.testing.assert_allclose(answers, child.predict(normalised, verbose=0), atol=1e-4)


def test_it_is_trained_evaluated_exported_and_asked(searched, words):
    workdir, _ = searched
    run_to_the_end(workdir, ("--mode=train", "--config.train.epochs=4"))
    told = run_to_the_end(workdir, ("--mode=evaluate",))
    assert "benign" in told and "malignant" in told
    told = run_to_the_end(workdir, ("--mode=export",))
    assert "example float32 (batch, 30)" in told and "image_bytes" not in told
    assert "malformed requests refused" in told
    (described,) = (workdir / "export").glob("1/assets.extra/metadata.json")
    assert json.loads(described.read_text())["accuracy"]["saved_model"] > 0.8
    new = words[2].partition("npz:")[2].replace("tumours", "new")
    lines = run_to_the_end(workdir, ("--mode=predict", new)).splitlines()
    labels = load_breast_cancer().target[:40]
    assert len(lines) == 40 and lines[3].startswith(f"{new}[3]\t")
    pairs = zip(lines, labels, strict=True)
    right = [line.split("\t")[1] == ("malignant", "benign")[k] for line, k in pairs]
    assert np.mean(right) > 0.8
    for wrong in (new.replace("new", "none"), str(workdir / "report.html")):
        code, _, err = run_here(workdir, ("--mode=predict", wrong))
        assert code == 2 and "must be" in err and err.count("\n") == 1


@pytest.mark.slow
def test_killed_and_resumed_it_ends_with_the_same_bits(searched, words, tmp_path):
    killed = tmp_path / "killed"
    stop(killed, ("--mode=search", *words), signal.SIGKILL, "search-00002")
    assert not (killed / "genotype.json").exists()
    run_to_the_end(killed, ("--mode=search", *words))
    assert_same_bits(killed, searched[0], "search", 6)


@pytest.mark.slow
def test_every_way_of_searching_takes_it(words, tmp_path):
    trials = (
        *("--config.search.method=evolution", "--config.trials.number=2"),
        *("--config.trials.population=2", "--config.train.epochs=1"),
    )
    code, told, err = finish(start(tmp_path / "trials", ("--mode=search", *words, *trials)))
    assert code == 0, err
    assert "2 of 2 trials" in " ".join(told.split())
    assert (tmp_path / "trials" / "network.keras").exists()
    seeds = ("--config.search.num_seeds=2", "--config.search.selection_epochs=1")
    run_to_the_end(tmp_path / "seeds", ("--mode=search", *words, *seeds))
    assert (tmp_path / "seeds" / "network.keras").exists()


@pytest.mark.slow
def test_latencies_of_its_options_are_measured_and_a_search_keeps_to_them(words, tmp_path):
    few = ("--config.latency.repetitions=2", "--config.latency.num_children=3")
    told = run_to_the_end(tmp_path / "times", ("--mode=latency", *words[:3], *few))
    assert "4 entries" in told and "microseconds more" in told and "3 random networks" in told
    path = tmp_path / "times" / "latency_table.json"
    table = json.loads(path.read_text())
    most = table["fixed"] + 1e-6  # the quickest alone
    search = (*words[:3], "--config.search.epochs=1", f"--config.search.latency_table={path}")
    search = (*search, f"--config.search.target_latency={most}")
    run_to_the_end(tmp_path / "run", ("--mode=search", *search))
    found = json.loads((tmp_path / "run" / "genotype.json").read_text())["chosen"]
    quickest = {
        each["decision"]: each["option"] for each in table["entries"] if not each["milliseconds"]
    }
    assert {name: options[0] for name, options in found.items()} == quickest


def test_what_cannot_be_is_refused_in_a_line_and_nothing_written(words, tmp_path):
    np.savez(tmp_path / "names.npz", x=np.ones((40, 8, 8, 1), int), y=np.arange(40) % 2)
    names = f"--config.data.source=npz:{tmp_path / 'names.npz'}"
    for more, expected in (
        (("--config.space.model=none.py:build",), "`--config.space.model` must be"),
        (("--config.data.source=digits",), "as the data set has examples and classes"),
        (("--config.data.flip=true",), "`data.flip` must be False for data that are no images"),
        (
            ("--config.space.name=cells", "--config.space.model="),
            "`--config.data.source` must be of images",
        ),
        *(
            (
                (f"--config.space.name={name}", "--config.space.model=", names),
                "`--config.data.source` must hold images or measurements with "
                f"`--config.space.name={name}`",
            )
            for name in ("cells", "chain", "nas_bench_201", "morphism")
        ),
    ):
        code, _, err = run_here(tmp_path / "run", ("--mode=search", *words, *more))
        assert code == 2 and expected in err and err.count("\n") == 1, err
    assert not (tmp_path / "run").exists()
