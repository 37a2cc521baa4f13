# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The tutorials run from their first cell to their last, and say in the end what they should."""

import contextlib
import io
import pathlib
import re
import shlex

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from snas_tf import main

matplotlib.use("agg")

FOLDER = pathlib.Path(__file__).parents[1] / "docs" / "tutorials"
TEXTS = sorted({*FOLDER.glob("*.md")} - {FOLDER / "index.md"})
CELL = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def cells(name):
    return CELL.findall((FOLDER / f"{name}.md").read_text())


def run(name, folder):
    """Runs the cells in a folder; commands run here, which saves a start of TensorFlow each.

    Returns:
        The variables, and what was printed.
    """
    variables, printed = {}, io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        for number, cell in enumerate(cells(name)):
            if cell.startswith("!snas-tf "):
                words = shlex.split(cell.removeprefix("!snas-tf "))
                assert main.run(words) == 0
            else:
                exec(compile(cell, f"{name}, cell {number}", "exec"), variables)
            plt.close("all")
    return variables, printed.getvalue()


def test_every_text_is_a_notebook_that_is_run_here():
    assert {text.stem for text in TEXTS} == {"images", "trials"}
    for text in TEXTS:
        assert text.read_text().startswith("---\njupyter:\n") and len(cells(text.stem)) >= 5
        assert f"({text.name})" in (FOLDER / "index.md").read_text()


@pytest.mark.slow
def test_images_become_a_network_that_predicts(tmp_path):
    variables, printed = run("images", tmp_path)
    assert [*variables["names"]] == ["digit_0", "digit_1", "digit_2"]
    predicted = re.findall(r"^(my_images\S+)\t(digit_\d)\t(0\.\d+|1\.0+)$", printed, re.MULTILINE)
    assert len(predicted) == 3 and "test images right" in printed
    assert (tmp_path / "runs" / "mine" / "report.html").is_file()
    assert variables["scores"].shape == (1, 3)


@pytest.mark.slow
def test_searchers_find_what_the_table_holds(tmp_path):
    variables, printed = run("trials", tmp_path)
    ends = {name: np.mean(curves, axis=0)[-1] for name, curves in variables["best"].items()}
    best, mean = max(variables["accuracies"]), np.mean(variables["accuracies"])
    assert all(mean < end <= best for end in ends.values())
    assert printed.count("Kendall's tau") == 2
