# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search gone astray says so while it runs, at its end, on its page, and when asked again."""

import re

import pytest

from snas_tf import main
from tests.end_to_end.processes import FEW_OPERATIONS

pytestmark = pytest.mark.slow

COSTLY = (
    "--config.space.num_nodes=1",
    FEW_OPERATIONS,
    "--config.network.num_cells=1",
    "--config.network.init_channels=2",
    "--config.search.epochs=3",
    "--config.data.batch_size=256",
    "--config.search.resource_weight=30.0",
    "--config.search.architecture_learning_rate=1.0",
)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command: (exit code, out, err)."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main.run(["--workdir=run", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_an_empty_cell_is_warned_of_everywhere(run, tmp_path):
    code, out, err = run("--mode=search", *COSTLY)
    assert (code, err) == (0, "")
    (warning,) = re.findall("^Warning: after epoch (.) the reduction cell is empty: .*$", out, re.M)
    assert out.index(f"epoch {warning}/3  loss") < out.index("Warning: after")
    assert "normal" not in out, "of such a cell there is none"
    assert "  entropy reduction " in out and " nats  " in out
    at_the_end = f"Warning, from epoch {warning} on: the reduction cell is empty: "
    assert at_the_end in " ".join(out.split())

    (tmp_path / "run" / "report.html").unlink()
    code, out, err = run("--mode=report")
    assert (code, err) == (0, "")
    assert at_the_end in " ".join(out.split())
    page = (tmp_path / "run" / "report.html").read_text()
    told = f"<strong>From epoch {warning} on:</strong> the reduction cell is empty: "
    assert "normal cell</caption>" not in page and "normal-probabilities" not in page
    assert not (tmp_path / "run" / "normal_cell.png").exists()
    assert "entropy_normal" not in (tmp_path / "run" / "metrics.csv").read_text()
    assert page.index("<h2>Warnings</h2>") < page.index(told) < page.index("<h2>Results</h2>")
