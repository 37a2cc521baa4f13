# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What belongs together in a search by trials, and what of a config such a search depends on."""

import pytest
from etils import epath

from snas_tf import command_line, config
from snas_tf.errors import InvalidInput
from snas_tf.runs import snapshot


def changed(values):
    """A config of an evolution with some values changed."""
    made = config.get_config()
    for name, value in {"search.method": "evolution", **values}.items():
        section, _, key = name.rpartition(".")
        (made[section] if section else made)[key] = value
    return made


@pytest.mark.parametrize(
    "method", ["random", "evolution", "area", "local", "bayesian", "policy", "tpe"]
)
def test_every_method_needs_no_more_than_its_name(method):
    config.check(changed({"search.method": method}))


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"search.num_seeds": 2}, "num_seeds` must be 1 with `--config.search.method=evolution`"),
        ({"search.target_parameters": 9}, "`--config.search.target_parameters` must be 0"),
        ({"distribution": "mirrored"}, "must be auto or one_device"),
        ({"trials.evaluator": "table"}, "`--config.trials.table` must be given"),
        ({"trials.table": "a.npz"}, "with `--config.trials.evaluator=table`, and with no other"),
        ({"trials.evaluator": "weight_sharing"}, "`--config.trials.supernet` must be given"),
        ({"trials.evaluator": "zero_cost", "trials.inherit": True}, "which trains nothing"),
        ({"trials.last_epochs": 6}, "at most `--config.trials.epochs`, which is 5"),
        ({"trials.objective": "product"}, "`--config.trials.cost_target` must be above 0"),
        (
            {"trials.objective": "pareto", "search.method": "local"},
            "must be one of random, evolution, area, bayesian, tpe, nsga2",
        ),
        ({"trials.population": 5, "trials.tournament": 6}, "which is 5"),
        ({"search.method": "area", "trials.population": 30}, "at most `--config.trials.pool`"),
        ({"trials.limit": 9.0, "trials.workers": 0}, "must be 0 where this process evaluates"),
    ],
)
def test_what_does_not_go_together_is_refused(values, fragment):
    with pytest.raises(InvalidInput) as caught:
        config.check(changed(values))
    assert fragment in str(caught.value)


def test_keys_of_trials_are_refused_where_none_are_made(tmp_path):
    words = ["--mode=search", f"--workdir={tmp_path / 'run'}", "--config.trials.number=30"]
    with pytest.raises(InvalidInput, match="is for searches by trials: given --config.search.meth"):
        command_line.parse(words)
    made = command_line.parse([*words, "--config.search.method=random"])
    assert made.config.trials.number == 30


def test_a_search_by_trials_depends_on_what_it_tries_and_not_on_where(tmp_path):
    def taken(values):
        return snapshot.take("search", changed(values), epath.Path(tmp_path / "none"))

    first = taken({})
    for key in ("trials.number", "trials.epochs", "trials.seconds", "train.learning_rate"):
        value = first[key.split(".")[0]][key.split(".")[1]]
        assert snapshot.differences(first, taken({key: type(value)(value * 2 + 1)})).keys() == {key}
    elsewhere = {"trials.workers": 7, "trials.scheduler": "tcp://a:1", "trials.limit": 60.0}
    assert taken(elsewhere) == first
    table = tmp_path / "table.csv"
    digests = []
    for text in ("architecture,accuracy\n", "architecture,accuracy\n\n"):
        table.write_text(text)
        digests.append(taken({"trials.table": str(table)})["trials_table_digest"])
    assert digests[0] != digests[1]


def test_a_search_by_snas_depends_on_no_trials(tmp_path):
    here = changed({"search.method": "snas", "trials.number": 3})
    assert {*snapshot.take("search", here, epath.Path(tmp_path / "none"))} == {
        "seed",
        "data",
        "space",
        "network",
        "search",
    }
