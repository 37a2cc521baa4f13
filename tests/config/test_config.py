# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The default config is right, and every wrong value is refused by name."""

import pathlib
import re

import ml_collections
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import command_line, config, search
from snas_tf.errors import InvalidInput
from snas_tf.serving import formats

DEFAULTS = config.flatten(config.get_config())
CONFIGS = sorted((pathlib.Path(__file__).parents[2] / "configs").glob("*.py"))


def changed(**changes):
    """The default config with changes, keys given as `search__epochs`; types are not checked."""
    changed_config = config.get_config()
    with changed_config.ignore_type():
        for name, value in changes.items():
            *sections, key = name.split("__")
            section = changed_config
            for part in sections:
                section = section[part]
            section[key] = value
    return changed_config


def refusal(**changes):
    with pytest.raises(InvalidInput) as caught:
        config.check(changed(**changes))
    return str(caught.value)


def test_the_default_config_passes_and_is_locked_and_new():
    first, second = config.get_config(), config.get_config()
    config.check(first)
    assert first.is_locked
    first.search.epochs = 1
    assert second.search.epochs == 60
    with pytest.raises(AttributeError):
        first.search.epoch = 1


def test_every_value_can_be_given_on_the_command_line():
    assert {type(value) for value in DEFAULTS.values()} <= {bool, int, float, str, tuple}


@pytest.mark.parametrize("name", config.KEYS)
def test_every_key_has_a_meaning_and_every_number_a_range_with_its_default(name):
    key = config.KEYS[name]
    assert re.fullmatch(r"[A-Zae].{10,}[.]", key.meaning)
    assert not isinstance(key.default, int | float) or key.allowed or key.default in (False, True)
    assert key.expected
    key.check(name, key.default)


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"search__epochs": 0}, "`--config.search.epochs` must be a whole number in [1, inf)"),
        ({"train__epochs": 0}, "given 0"),
        ({"search__epochs": 1.5}, "given 1.5"),
        ({"search__epochs": True}, "given True"),
        ({"search__epochs": None}, "given None"),
        ({"seed": -1}, "`--config.seed`"),
        ({"data__validation_fraction": 1.0}, "in (0, 1)"),
        ({"data__flip": "yes"}, "true or false"),
        ({"data__source": "mnist"}, "digits, tfds:<name>, folder:<path> or npz:<path>"),
        ({"data__source": "folder:"}, "`--config.data.source`"),
        ({"space__primitives": ("none", "conv")}, "sep_conv_3x3"),
        ({"space__primitives": ("none", "none")}, "different operations"),
        ({"space__primitives": ()}, "different operations"),
        ({"space__primitives": "none"}, "a tuple of texts"),
        ({"network__stem": "resnet"}, "cifar, imagenet"),
        ({"search__estimator": "concret"}, "one of concrete, softmax, dirichlet, reinmax, str"),
        ({"search__derivation": "top3"}, "one of argmax, top2, greedy"),
        (
            {"search__derivation": "greedy"},
            "`--config.search.derivation` must be one of argmax, top2: given 'greedy'",
        ),
        (
            {
                "space__name": "graph",
                "data__source": "graphs:cluster",
                "data__task": "node",
                "space__entity_operations": ("mean", "sum"),
                "search__derivation": "greedy",
            },
            "`--config.search.derivation` must be argmax where there are not both none and",
        ),
        ({"network__init_channels": 7}, "must be even"),
        ({"train__init_channels": 9}, "must be even"),
        ({"search__final_temperature": 0.0}, "(0, inf)"),
        ({"search__final_temperature": 2.0}, "`--config.search.initial_temperature`"),
        ({"search__final_learning_rate": 0.1}, "`--config.search.learning_rate`, which is 0.05"),
        ({"train__final_learning_rate": 0.1}, "`--config.train.learning_rate`"),
        ({"search__momentum": 1.0}, "[0, 1)"),
        ({"runtime__dtype_policy": "mixed_float16"}, "float32, mixed_bfloat16"),
        ({"distribution": "gpus"}, "one_device, mirrored"),
        (
            {"space__name": "nas_bench_201", "space__num_nodes": 3},
            "`--config.space.num_nodes` must be left out with `--config.space.name=nas_bench_201`",
        ),
        ({"space__name": "moons"}, "one of cells, nas_bench_201"),
        ({"search__method": "darts"}, "`--config.search.method` must be one of snas, random"),
        ({"search__warmup_epochs": 60}, "must be below `--config.search.epochs`, which is 60"),
        ({"search__settling_epochs": 60}, "must be below the 60 epochs of the search that are no"),
        ({"search__drop_path": 1.0}, "[0, 1)"),
        ({"search__perturbation": "hard"}, "one of none, random, adversarial"),
        ({"train__warmup_epochs": 60}, "must be below `--config.train.epochs`, which is 60"),
        ({"search__resource_form": "square"}, "linear, log"),
        ({"search__resource_gradient": "none"}, "expectation, reparameterized, score_function"),
        ({"search__latency_weight": 1.0}, "0 without `--config.search.latency_table`"),
        (
            {"search__derivation": "zero_cost", "search__derivation_scores": ()},
            "`--config.search.derivation_scores` must be at least one",
        ),
        (
            {"search__derivation": "short_training", "search__derivation_epochs": 0},
            "`--config.search.derivation_epochs` must be at least 1",
        ),
        ({"search__target_latency": 1.0}, "0 without `--config.search.latency_table`"),
        (
            {"search__target_parameters": 9, "search__derivation": "top2"},
            "`--config.search.derivation` must be argmax, or one that judges such as samples, with "
            "`--config.search.target_parameters`",
        ),
        (
            {"search__target_multiply_adds": 9, "search__resource_gradient": "score_function"},
            "must be expectation with `--config.search.target_multiply_adds`",
        ),
        (
            {
                "search__resource_weight": 1.0,
                "search__parameters_weight": 0.0,
                "search__multiply_adds_weight": 0.0,
                "search__memory_access_weight": 0.0,
            },
            "above 0 for at least one of",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_name(changes, fragment):
    message = refusal(**changes)
    assert fragment in message
    assert "\n" not in message


@given(
    st.sampled_from([key for key, value in DEFAULTS.items() if type(value) is float]),
    st.sampled_from([float("nan"), float("inf"), -float("inf"), -1e-9]),
)
def test_no_number_may_be_negative_or_not_finite(key, value):
    assert f"`--config.{key}`" in refusal(**{key.replace(".", "__"): value})


@pytest.mark.parametrize("level", config.RESOURCE_WEIGHTS)
def test_every_level_of_the_constraint_has_a_weight(level):
    assert config.resource_weight(level) == config.RESOURCE_WEIGHTS[level]


def test_levels_are_ordered_and_others_refused():
    weights = [config.resource_weight(x) for x in ("none", "mild", "moderate", "aggressive")]
    assert weights == sorted(set(weights)) and weights[0] == 0
    with pytest.raises(InvalidInput, match="one of none, mild, moderate, aggressive: given 'x'"):
        config.resource_weight("x")


def test_bounds_that_belong_to_a_range_pass():
    config.check(
        changed(
            search__momentum=0.0,
            search__final_temperature=1.0,
            search__final_learning_rate=0.05,
            network__num_cells=1,
            data__source="folder:a:b",
            space__primitives=("skip_connect",),
        )
    )


def test_a_config_without_a_key_or_with_a_foreign_one_is_refused():
    lacking = config.get_config().unlock()
    del lacking.search.epochs
    with pytest.raises(InvalidInput, match="`--config.search.epochs` must be in the config"):
        config.check(lacking)
    foreign = config.get_config().unlock()
    foreign.search.epoch = 3
    with pytest.raises(InvalidInput, match="did you mean `--config.search.epochs`"):
        config.check(foreign)
    with pytest.raises(InvalidInput, match="given dict"):
        config.check({})


@pytest.mark.parametrize(
    ("key", "fragment"),
    [
        ("search.epoch", "`--config.search.epochs`?"),
        ("serch.epochs", "`--config.search.epochs`?"),
        ("estimator", "`--config.search.estimator`?"),
        ("space.stem", "is `--config.network.stem` now: do use that"),
        ("search.num_cells", "is `--config.network.num_cells` now: do use that"),
        ("search.init_channels", "is `--config.network.init_channels` now: do use that"),
        ("evaluate.recalibrate", "is `--config.evaluation.recalibrate` now: do use that"),
        ("search", "is a section; set one of search.method, "),
        ("qqqq", "there are seed, distribution, data.source, "),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest(key, fragment):
    with pytest.raises(InvalidInput, match=f"`--config.{key}`") as caught:
        config.check_key(key)
    assert fragment in str(caught.value)


def test_the_estimators_are_those_of_the_search():
    for estimator in search.ESTIMATORS:
        config.check(changed(search__estimator=estimator))
    assert config.KEYS["search.estimator"].expected == f"one of {', '.join(search.ESTIMATORS)}"


def test_the_formats_are_those_that_can_be_written():
    config.check(changed(export__formats=formats.FORMATS))
    for wrong in (("tflite",), ("onnx", "onnx")):
        message = refusal(export__formats=wrong)
        assert ", ".join(formats.FORMATS) in message and repr(wrong) in message


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config_files_pass_from_any_directory(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = command_line.parse(["--mode=report", f"--config={path}"])
    assert isinstance(command.config, ml_collections.ConfigDict)
    text = path.read_text()
    assert f"--config=configs/{path.name}" in text and "Expected" in text


def test_the_config_of_the_digits_is_the_default():
    path = next(path for path in CONFIGS if path.stem == "digits")
    command = command_line.parse(["--mode=report", f"--config={path}"])
    assert command.config.to_dict() == config.get_config().to_dict()
