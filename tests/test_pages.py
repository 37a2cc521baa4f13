# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Examples of pages that have no test of their own, as they are written."""

import contextlib
import itertools
import pathlib
import re

import keras
import numpy as np
import pytest
from PIL import Image

from snas_tf import black_box, space

PAGES = pathlib.Path(__file__).parents[1] / "docs"
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")


def examples(page):
    return re.findall(r"^```python\n(.*?)^```", (PAGES / page).read_text(), re.M | re.S)


def ran(page, number, folder, **variables):
    """What an example defines, run in a folder."""
    with contextlib.chdir(folder):
        exec(compile(examples(page)[number], f"{page}, example {number}", "exec"), variables)
    return variables


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One with a table of all cells of NAS-Bench-201, whose accuracies count their convolutions."""
    folder = tmp_path_factory.mktemp("pages")
    cells, counts = [], []
    for names in itertools.product(OPERATIONS, repeat=6):
        a, b, c, d, e, f = names
        cells.append(f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|")
        counts.append(sum(name.startswith("nor_conv") for name in names))
    counts = np.array(counts, float)
    metrics = {"test_accuracy": 80 + counts, "validation_accuracy": 70 + counts}
    np.savez(
        folder / "nasbench201_cifar10.npz", architecture=cells, parameters=1e5 * counts, **metrics
    )
    return folder


@pytest.mark.slow
def test_a_cell_is_looked_up(folder):
    found = ran("nas_bench_201.md", 0, folder)
    table = found["table"]
    assert table(found["cell"])["test_accuracy"] == 85 and len(table) == 15_625
    assert table(table.best(within={"parameters": 400_000}))["test_accuracy"] == 84


@pytest.mark.slow
def test_a_search_by_trials_is_run_reported_and_gone_on_with(folder):
    found = ran("trials.md", 0, folder)["found"]
    assert len(found.trials) == 200 and found.best.metrics["validation_accuracy"] == 76
    told = ran("trials.md", 6, folder, found=found)["told"]
    assert told.planned == 200
    given = {"black_box": black_box, "space": space, "searcher": black_box.Random()}
    ran("trials.md", 5, folder, evaluate=lambda cell: {"accuracy": 0.5}, **given)
    assert len((folder / "trials.jsonl").read_text().splitlines()) == 1 + 2 * 200


def test_an_untrained_model_has_a_score(folder):
    x = inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    images = np.random.default_rng(0).normal(size=(32, 8, 8, 1)).astype("float32")
    ran("scores.md", 0, folder, model=model, images=images)


def test_a_folder_of_images_is_written_and_a_network_loaded(folder):
    ran("start.md", 0, folder)
    written = sorted((folder / "my_images").rglob("*.png"))
    assert len(written) == 1797 and Image.open(written[0]).size == (32, 32)
    assert {path.parent.name for path in written} == {f"digit_{label}" for label in range(10)}
    (folder / "runs" / "mine").mkdir(parents=True)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(
        folder / "runs" / "mine" / "network.keras"
    )
    assert ran("start.md", 1, folder)["network"].input_shape == (None, 2)
