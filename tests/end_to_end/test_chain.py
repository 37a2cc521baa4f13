# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A chain by the commands: trained, evaluated, exported, reported; searched by gradient never."""

import json

import keras
import numpy as np
import pytest

from snas_tf import main, space
from snas_tf.networks.plain import metadata

pytestmark = pytest.mark.slow

CHAIN = space.Selection({"filters": ("8", "16"), "kernel_size": ("3", "5")})
KEYS = ("--config.space.name=chain", "--config.space.num_layers=2")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    (folder / "chain.json").write_text(CHAIN.to_json())
    words = ("--config.train.epochs=4", f"--config.train.genotype={folder / 'chain.json'}")
    assert main.run(("--mode=train", *KEYS, *words, f"--workdir={folder / 'run'}")) == 0
    return folder / "run"


def test_a_chain_is_trained_evaluated_and_told(trained, capsys):
    assert main.run(("--mode=evaluate", f"--workdir={trained}")) == 0
    measured = json.loads((trained / "training_results.json").read_text())
    last = next(each for each in measured if each["split"] == "test")
    assert last["accuracy"] > 0.5
    assert last["cost"]["parameters"] == 9 * 8 + 16 + 25 * 8 * 16 + 32 + 170
    page = (trained / "report.html").read_text()
    assert "What was chosen" in page and "<td>layer 2</td>" in page and "The cells" not in page
    assert "layer 2" in capsys.readouterr().out
    plain = keras.saving.load_model(trained / "network.keras")
    assert metadata(plain)["genotype"]["chosen"] == {
        "filters": ["8", "16"],
        "kernel_size": ["3", "5"],
    }
    assert plain.predict(np.zeros((1, 8, 8, 1)), verbose=0).shape == (1, 10)


def test_it_is_exported(trained):
    assert main.run(("--mode=export", f"--workdir={trained}")) == 0
    (version,) = (trained / "export").glob("*/saved_model.pb")
    assert version.stat().st_size > 1000


def test_a_search_by_gradient_is_refused_and_nothing_written(tmp_path, capsys):
    assert main.run(("--mode=search", *KEYS, f"--workdir={tmp_path / 'run'}")) == 2
    assert "`--config.search.method` must search by trials" in capsys.readouterr().err
    assert main.run(("--mode=latency", *KEYS, f"--workdir={tmp_path / 'run'}")) == 2
    assert "`--mode=latency` must be of cells" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
