# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The check of a config: keys, types, ranges and relations, each refused by name."""

from __future__ import annotations

import difflib
from typing import Any

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.config import flatten, get_config
from snas_tf.errors import InvalidInput

_RANGES = {
    "seed": "[0, 2147483647]",
    "data.batch_size": "[1, inf)",
    "data.validation_fraction": "(0, 1)",
    "data.split_seed": "[-1, 2147483647]",
    "data.image_size": "[0, inf)",
    "data.num_images": "[0, inf)",
    "data.crop_padding": "[0, inf)",
    "data.cutout": "[0, inf)",
    "data.resize_side": "[0, inf)",
    "data.color_jitter": "[0, 1]",
    "space.num_nodes": "[1, inf)",
    "search.epochs": "[1, inf)",
    "search.num_cells": "[1, inf)",
    "search.init_channels": "[2, inf)",
    "search.learning_rate": "(0, inf)",
    "search.final_learning_rate": "[0, inf)",
    "search.momentum": "[0, 1)",
    "search.weight_decay": "[0, inf)",
    "search.clip_norm": "(0, inf)",
    "search.architecture_learning_rate": "(0, inf)",
    "search.architecture_beta_1": "[0, 1)",
    "search.architecture_beta_2": "[0, 1)",
    "search.architecture_weight_decay": "[0, inf)",
    "search.architecture_clip_norm": "(0, inf)",
    "search.initial_temperature": "(0, inf)",
    "search.final_temperature": "(0, inf)",
    "search.resource_weight": "[0, inf)",
    "search.parameters_weight": "[0, inf)",
    "search.multiply_adds_weight": "[0, inf)",
    "search.memory_access_weight": "[0, inf)",
    "search.latency_weight": "[0, inf)",
    "search.target_parameters": "[0, inf)",
    "search.target_multiply_adds": "[0, inf)",
    "search.target_latency": "[0, inf)",
    "search.num_seeds": "[1, inf)",
    "search.selection_epochs": "[0, inf)",
    "train.epochs": "[1, inf)",
    "train.num_cells": "[0, inf)",
    "train.init_channels": "[0, inf)",
    "train.batch_size": "[0, inf)",
    "train.learning_rate": "(0, inf)",
    "train.final_learning_rate": "[0, inf)",
    "train.learning_rate_decay": "(0, 1]",
    "train.warmup_epochs": "[0, inf)",
    "train.momentum": "[0, 1)",
    "train.weight_decay": "[0, inf)",
    "train.clip_norm": "(0, inf)",
    "train.drop_path": "[0, 1)",
    "train.auxiliary_weight": "[0, inf)",
    "train.cutout": "[0, inf)",
    "train.label_smoothing": "[0, 1)",
    "train.ema_decay": "[0, 1)",
    "latency.batch_size": "[1, inf)",
    "latency.repetitions": "[1, inf)",
    "latency.num_children": "[0, inf)",
    "export.max_batch_size": "[1, inf)",
    "export.keep_versions": "[0, inf)",
    "export.num_test_images": "[0, inf)",
    "runtime.checkpoint_seconds": "(0, inf)",
    "runtime.steps_per_execution": "[1, inf)",
    "runtime.intra_op_threads": "[0, inf)",
    "runtime.inter_op_threads": "[0, inf)",
}
_CHOICES = {
    "distribution": ("auto", "one_device", "mirrored", "multi_worker", "tpu"),
    "space.stem": ("cifar", "imagenet"),
    "search.estimator": ("concrete", "softmax", "straight_through", "score_function"),
    "search.derivation": ("argmax", "top2"),
    "search.resource_form": ("linear", "log"),
    "search.resource_gradient": ("expectation", "reparameterized", "score_function"),
    "train.schedule": ("cosine", "exponential"),
    "train.recalibrate": ("auto", "on", "off"),
    "export.network": ("best", "child", "last", "best_epoch"),
    "runtime.dtype_policy": ("float32", "mixed_bfloat16"),
    "runtime.native_operations": ("auto", "on", "off"),
    "runtime.optimize_graph": ("auto", "on", "off"),
}
_FORMATS = ("litert", "litert_int8", "onnx")
_TYPES = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "a text",
    tuple: "a tuple of texts",
}


def check(config: ConfigDict) -> None:
    """Checks keys, types, ranges and relations, before anything is loaded or written.

    Args:
        config: What a config file and the command line made of the default config.

    Raises:
        InvalidInput: The first key that is wrong, what was given, and what it may be.
    """
    if not isinstance(config, ConfigDict):
        raise InvalidInput(f"`--config` must give a ConfigDict: given {type(config).__name__}")
    given, defaults = flatten(config), flatten(get_config())
    for key in given:
        check_key(key)
    for key, default in defaults.items():
        if key not in given:
            raise InvalidInput(f"`--config.{key}` must be in the config: it was removed")
        if type(given[key]) is not type(default):
            raise InvalidInput(must_be(key, expected(key), given[key]))
    for key, interval in _RANGES.items():
        if not _lies_in(given[key], interval):
            raise InvalidInput(must_be(key, expected(key), given[key]))
    for key, choices in _CHOICES.items():
        if given[key] not in choices:
            raise InvalidInput(must_be(key, expected(key), given[key]))
    _check_data(given)
    _check_names(given, "space.primitives", space.PRIMITIVES, least=1)
    _check_names(given, "export.formats", _FORMATS, least=0)
    _check_relations(given)
    _check_warmup(given)
    _check_resources(given)


def check_key(key: str) -> None:
    """Checks that a key exists.

    Args:
        key: Such as "search.epochs".

    Raises:
        InvalidInput: There is no such key; names the nearest one.
    """
    keys = list(flatten(get_config()))
    if key in keys:
        return
    section = [name for name in keys if name.startswith(f"{key}.")]
    if section:
        raise InvalidInput(f"`--config.{key}` is a section; set one of {_listed(section)}")
    ends = {name.rpartition(".")[2]: name for name in keys}
    near = difflib.get_close_matches(key, keys, n=1)
    near = near or [ends[e] for e in difflib.get_close_matches(key.rpartition(".")[2], ends, n=1)]
    remedy = f"did you mean `--config.{near[0]}`?" if near else f"there are {_listed(keys)}"
    raise InvalidInput(f"`--config.{key}` does not exist; {remedy}")


def expected(key: str) -> str:
    """What the value of a key may be, such as "a whole number in [1, inf)"."""
    if key in _CHOICES:
        return f"one of {_listed(_CHOICES[key])}"
    words = _TYPES[type(flatten(get_config())[key])]
    return f"{words} in {_RANGES[key]}" if key in _RANGES else words


def must_be(key: str, what: str, given: Any) -> str:
    """The message of a wrong value."""
    return f"`--config.{key}` must be {what}: given {given!r}"


def _check_data(given: dict[str, Any]) -> None:
    source = given["data.source"]
    kind, _, name = source.partition(":")
    if source != "digits" and not (kind in ("tfds", "folder") and name):
        what = "digits, tfds:<name> or folder:<path>"
        raise InvalidInput(must_be("data.source", what, source))


def _check_names(given: dict[str, Any], key: str, known: tuple[str, ...], least: int) -> None:
    names = given[key]
    if set(names) - set(known) or len(set(names)) < max(len(names), least):
        raise InvalidInput(must_be(key, f"different names among {_listed(known)}", names))


def _check_relations(given: dict[str, Any]) -> None:
    for key in ("search.init_channels", "train.init_channels"):
        if given[key] % 2:
            # A factorized reduction makes its channels in two halves.
            raise InvalidInput(must_be(key, "even", given[key]))
    for least, most in (
        ("search.final_learning_rate", "search.learning_rate"),
        ("search.final_temperature", "search.initial_temperature"),
        ("train.final_learning_rate", "train.learning_rate"),
    ):
        if given[least] > given[most]:
            what = f"at most `--config.{most}`, which is {given[most]!r}"
            raise InvalidInput(must_be(least, what, given[least]))


def _check_warmup(given: dict[str, Any]) -> None:
    if given["train.warmup_epochs"] >= given["train.epochs"]:
        what = f"below `--config.train.epochs`, which is {given['train.epochs']}"
        raise InvalidInput(must_be("train.warmup_epochs", what, given["train.warmup_epochs"]))


def _check_resources(given: dict[str, Any]) -> None:
    names = ("parameters", "multiply_adds", "memory_access", "latency")
    if given["search.resource_weight"] and not any(given[f"search.{n}_weight"] for n in names):
        what = "above 0 for at least one of " + ", ".join(f"search.{n}_weight" for n in names)
        raise InvalidInput(must_be("search.parameters_weight", what, 0.0))
    for key in ("search.latency_weight", "search.target_latency"):
        if given[key] and not given["search.latency_table"]:
            what = "0 without `--config.search.latency_table`, which --mode=latency writes"
            raise InvalidInput(must_be(key, what, given[key]))
    targets = [f"search.target_{name}" for name in ("parameters", "multiply_adds", "latency")]
    if target := next((key for key in targets if given[key]), None):
        for key, needed in (
            ("search.derivation", "argmax"),
            ("search.resource_gradient", "expectation"),
            ("search.resource_form", "linear"),
        ):
            if given[key] != needed:
                what = f"{needed} with `--config.{target}`"
                raise InvalidInput(must_be(key, what, given[key]))
    if given["search.resource_gradient"] == "score_function":
        if given["search.estimator"] == "softmax":
            what = "concrete with `--config.search.resource_gradient=score_function`"
            raise InvalidInput(must_be("search.estimator", what, "softmax"))
    if given["search.resource_gradient"] == "reparameterized":
        if given["search.estimator"] == "score_function":
            what = "concrete with `--config.search.resource_gradient=reparameterized`"
            raise InvalidInput(must_be("search.estimator", what, "score_function"))


def _lies_in(value: float, interval: str) -> bool:
    least, most = (float(bound) for bound in interval[1:-1].split(","))
    above = value > least or (interval[0] == "[" and value == least)
    below = value < most or (interval[-1] == "]" and value == most)
    return above and below


def _listed(names: Any) -> str:
    return ", ".join(names)
