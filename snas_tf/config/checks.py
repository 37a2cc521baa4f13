# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The check of a config: keys, types, ranges and relations, each refused by name."""

from __future__ import annotations

import difflib
import types
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from snas_tf.config import trials_checks
from snas_tf.config.defaults import KEYS, flatten
from snas_tf.config.key import must_be
from snas_tf.config.moved_keys import MOVED
from snas_tf.errors import InvalidInput, told_by_keys
from snas_tf.evaluation import derivation_names
from snas_tf.programs import problems

_OF_THE_SPACE = {
    "num_nodes": "space.num_nodes",
    "primitives": "space.primitives",
    "operation": "space.primitives",
    "stem": "network.stem",
    "num_layers": "space.num_layers",
    "filters": "space.filters",
    "kernel_sizes": "space.kernel_sizes",
    "model": "space.model",
    "num_states": "space.num_states",
    "entity_operations": "space.entity_operations",
    "edge_operations": "space.edge_operations",
    "edge_states": "network.edge_states",
}
_SIZES = {
    "num_cells": "num_cells",
    "cells_per_stage": "num_cells",
    "init_channels": "init_channels",
}
"""The keys of the arguments by whose names spaces and plans refuse them."""

_ANY_IMAGES = types.SimpleNamespace(num_classes=1, image_shape=(1, 1, 1))


def check(config: ConfigDict) -> None:
    """Checks keys, types, ranges and relations, before anything is loaded or written.

    Args:
        config: What a config file and the command line made of the default config.

    Raises:
        InvalidInput: The first key that is wrong, what was given, and what it may be.
    """
    if not isinstance(config, ConfigDict):
        raise InvalidInput(f"`--config` must give a ConfigDict: given {type(config).__name__}")
    given = flatten(config)
    for name in given:
        check_key(name)
    for name, key in KEYS.items():
        if name not in given:
            raise InvalidInput(f"`--config.{name}` must be in the config: it was removed")
        key.check(name, given[name])
    _check_data(given)
    _check_space(config)
    _check_orders(given)
    _check_resources(given)
    _check_derivation(config.search)
    trials_checks.check(given)


def check_key(name: str) -> None:
    """Checks that a key exists.

    Args:
        name: Such as "search.epochs".

    Raises:
        InvalidInput: There is no such key; names the new or the nearest one.
    """
    if name in KEYS:
        return
    if name in MOVED:
        raise InvalidInput(f"`--config.{name}` is `--config.{MOVED[name]}` now: do use that")
    section = [key for key in KEYS if key.startswith(f"{name}.")]
    if section:
        raise InvalidInput(f"`--config.{name}` is a section; set one of {', '.join(section)}")
    ends = {key.rpartition(".")[2]: key for key in KEYS}
    near = difflib.get_close_matches(name, KEYS, n=1)
    near = near or [ends[e] for e in difflib.get_close_matches(name.rpartition(".")[2], ends, n=1)]
    remedy = f"did you mean `--config.{near[0]}`?" if near else f"there are {', '.join(KEYS)}"
    raise InvalidInput(f"`--config.{name}` does not exist; {remedy}")


def _check_data(given: dict[str, Any]) -> None:
    source = given["data.source"]
    kind, _, name = source.partition(":")
    if source != "digits" and not (kind in (*_IMAGES, *_GRAPHS) and name):
        what = (
            "digits, tfds:<name>, folder:<path> or npz:<path>, or of graphs graphs:cluster, "
            "tu:<folder>, csv:<folder> or npz:<path>"
        )
        raise InvalidInput(must_be("data.source", what, source))
    if kind in _GRAPHS and not given["data.task"]:
        what = "graph, node or edge with graphs, which have labels of one of them"
        raise InvalidInput(must_be("data.task", what, ""))
    if not given["data.folds"] and given["data.fold"]:
        raise InvalidInput(must_be("data.fold", "0 without data.folds", given["data.fold"]))


_IMAGES = ("tfds", "folder", "npz")
"""What sources of images and of other arrays begin with."""

_GRAPHS = ("graphs", "tu", "csv")
"""What sources of graphs begin with, which an npz file may hold too."""


def _check_space(config: ConfigDict) -> None:
    """Asks the space and the plans of its networks what may be."""
    name, given = config.space.name, flatten(config)
    for key, found in KEYS.items():
        if found.only_with and name not in found.only_with and given[key] != found.default:
            what = f"left out with `--config.space.name={name}`, which has none"
            raise InvalidInput(must_be(key, what, given[key]))
    for stage, section in (("search", "network"), ("train", "train")):
        arguments = {argument: f"{section}.{key}" for argument, key in _SIZES.items()}
        with told_by_keys({**_OF_THE_SPACE, **arguments}):
            problems.of(config, stage, _ANY_IMAGES)
    rule = derivation_names.rule(config.search.derivation)
    if rule != "argmax" and config.search.method == "snas":
        searched = problems.family(config).space_of(config)
        with told_by_keys({"rule": "search.derivation"}):
            searched.decode({d.name: np.full(d.shape, 0.5) for d in searched.decisions}, rule)


def _check_orders(given: dict[str, Any]) -> None:
    for least, most in (
        ("search.final_learning_rate", "search.learning_rate"),
        ("search.final_temperature", "search.initial_temperature"),
        ("train.final_learning_rate", "train.learning_rate"),
    ):
        if given[least] > given[most]:
            what = f"at most `--config.{most}`, which is {given[most]!r}"
            raise InvalidInput(must_be(least, what, given[least]))
    for stage in ("search", "train"):
        warmup, epochs = f"{stage}.warmup_epochs", f"{stage}.epochs"
        if given[warmup] >= given[epochs]:
            what = f"below `--config.{epochs}`, which is {given[epochs]}"
            raise InvalidInput(must_be(warmup, what, given[warmup]))
    left = given["search.epochs"] - given["search.warmup_epochs"]
    if given["search.settling_epochs"] >= left:
        what = f"below the {left} epochs of the search that are no warm-up"
        raise InvalidInput(must_be("search.settling_epochs", what, given["search.settling_epochs"]))


def _check_derivation(search: ConfigDict) -> None:
    """What is judged needs something to be judged by."""
    if search.derivation == "zero_cost" and not search.derivation_scores:
        what = "at least one with `--config.search.derivation=zero_cost`"
        raise InvalidInput(must_be("search.derivation_scores", what, ()))
    if search.stop_curvature and not search.stop_curvature > 1:
        what = "above 1, or 0 for never"
        raise InvalidInput(must_be("search.stop_curvature", what, search.stop_curvature))
    if search.derivation == "short_training" and not search.derivation_epochs:
        what = "at least 1 with `--config.search.derivation=short_training`"
        raise InvalidInput(must_be("search.derivation_epochs", what, 0))


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
        if derivation_names.rule(name := given["search.derivation"]) != "argmax":
            what = f"argmax, or one that judges such as samples, with `--config.{target}`"
            raise InvalidInput(must_be("search.derivation", what, name))
        for key, needed in (
            ("search.resource_gradient", "expectation"),
            ("search.resource_form", "linear"),
        ):
            if given[key] != needed:
                what = f"{needed} with `--config.{target}`"
                raise InvalidInput(must_be(key, what, given[key]))
