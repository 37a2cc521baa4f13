# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grow, by the commands: searched with the weights of parents, reported, exported."""

import json

import keras
import numpy as np
import pytest

from snas_tf import main, space
from snas_tf.networks.plain import metadata

pytestmark = pytest.mark.slow

KEYS = ("--config.space.name=morphism", "--config.space.num_blocks=2")
SEARCH = (
    "--config.space.root_filters=8",
    "--config.search.method=evolution",
    "--config.trials.number=4",
    "--config.trials.epochs=2",
    "--config.trials.population=2",
    "--config.trials.inherit=true",
    "--config.trials.workers=0",
)


def test_a_search_leaves_the_network_that_it_found(tmp_path, capsys):
    run = tmp_path / "run"
    assert main.run(("--mode=search", *KEYS, *SEARCH, f"--workdir={run}")) == 0
    found = space.LayerGraph.from_json((run / "genotype.json").read_text())
    root = space.convolutional_root((8, 8, 1), 10, num_blocks=2, filters=8)
    assert space.MorphSpace(root).descends(root, found)
    assert (
        "conv_1" in capsys.readouterr().out and "The network" in (run / "report.html").read_text()
    )
    plain = keras.saving.load_model(run / "network.keras")
    assert metadata(plain)["genotype"]["layers"] == json.loads(found.to_json())["layers"]
    assert plain.predict(np.zeros((1, 8, 8, 1)), verbose=0).shape == (1, 10)
    assert main.run(("--mode=export", f"--workdir={run}")) == 0


def test_what_needs_a_supernet_or_decisions_is_refused_and_nothing_written(tmp_path, capsys):
    for method, said in (("snas", "must search by trials"), ("policy", "space without decisions")):
        words = (*KEYS, f"--config.search.method={method}", f"--workdir={tmp_path / 'run'}")
        assert main.run(("--mode=search", *words)) == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "run").exists()
