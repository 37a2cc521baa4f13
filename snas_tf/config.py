# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The one default config: every key with its meaning, unit and range, and the check of them all.

The defaults search on the handwritten digits that come with scikit-learn, in a few minutes on two
cores. A config file changes some of them (see configs/), and so does `--config.search.epochs=30` on
the command line. Every config has exactly these keys, with values of the same types.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.errors import InvalidInput

_RANGES = {
    "seed": "[0, 2147483647]",
    "data.batch_size": "[1, inf)",
    "data.validation_fraction": "(0, 1)",
    "data.image_size": "[0, inf)",
    "data.crop_padding": "[0, inf)",
    "data.cutout": "[0, inf)",
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
    "train.epochs": "[1, inf)",
    "train.num_cells": "[0, inf)",
    "train.init_channels": "[0, inf)",
    "train.batch_size": "[0, inf)",
    "train.learning_rate": "(0, inf)",
    "train.final_learning_rate": "[0, inf)",
    "train.momentum": "[0, 1)",
    "train.weight_decay": "[0, inf)",
    "train.clip_norm": "(0, inf)",
    "train.drop_path": "[0, 1)",
    "train.auxiliary_weight": "[0, inf)",
    "train.cutout": "[0, inf)",
    "runtime.steps_per_execution": "[1, inf)",
    "runtime.intra_op_threads": "[0, inf)",
    "runtime.inter_op_threads": "[0, inf)",
}
_CHOICES = {
    "space.stem": ("cifar", "imagenet"),
    "search.estimator": ("concrete", "softmax"),
    "search.derivation": ("argmax", "top2"),
    "runtime.dtype_policy": ("float32", "mixed_bfloat16"),
    "runtime.strategy": ("one_device", "mirrored"),
}
_TYPES = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "a text",
    tuple: "a tuple of texts",
}


def get_config() -> ConfigDict:
    """The default config, locked: its keys are all there are.

    Returns:
        A new `ConfigDict`; unlock it to add what a program of your own needs.
    """
    config = ConfigDict(sort_keys=False)

    # All randomness of a run follows from it: split, weights, samples, shuffling, augmentation.
    config.seed = 0

    config.data = data = ConfigDict(sort_keys=False)
    # The images: "digits" (embedded), "tfds:<name>" or "folder:<path>" (with a folder a class).
    data.source = "digits"
    # Folder of TensorFlow Datasets; "" for its default, ~/tensorflow_datasets.
    data.data_dir = ""
    # Images a step, over all replicas, at least 1.
    data.batch_size = 64
    # Part of the training images held out for validation, in (0, 1); test images stay apart.
    data.validation_fraction = 0.2
    # Images are resized to squares of this side in pixels; 0 keeps the size of the data set.
    data.image_size = 0
    # Pixels of zeros around the image before a random crop of its own size; 0 does not crop.
    data.crop_padding = 0
    # Whether half of the training images are mirrored left to right. Not for digits.
    data.flip = False
    # Side in pixels of the square that cutout blanks in every training image of a search; 0: none.
    data.cutout = 0

    config.space = cells = ConfigDict(sort_keys=False)
    # Intermediate nodes of a cell, at least 1; 4 in the paper.
    cells.num_nodes = 4
    # Candidate operations of every edge, some of snas_tf.space.PRIMITIVES, in any order.
    cells.primitives = space.PRIMITIVES
    # First layers: "cifar" keeps the resolution, "imagenet" divides it by 8.
    cells.stem = "cifar"

    config.search = _search()
    config.train = _train()
    config.runtime = _runtime()
    return config.lock()


def _search() -> ConfigDict:
    search = ConfigDict(sort_keys=False)
    # Passes over the training images, at least 1.
    search.epochs = 60
    # Cells of the supernet, at least 1; those at 1/3 and 2/3 of the depth are reduction cells.
    search.num_cells = 3
    # Channels of the first cell, even; a reduction cell doubles them.
    search.init_channels = 8
    # How Z is drawn: "concrete" (SNAS) or "softmax" (the deterministic mixture of DARTS).
    search.estimator = "concrete"
    # How the genotype is read: "argmax" of every edge (SNAS) or "top2" edges into a node (DARTS).
    search.derivation = "argmax"
    # SGD of the weights: learning rate of the first step, above 0; a cosine leads to the last.
    search.learning_rate = 0.05
    # ... and of the last step, at least 0 and at most the first.
    search.final_learning_rate = 0.0
    # ... its momentum, in [0, 1).
    search.momentum = 0.9
    # ... what is added to the gradient, times the weight (coupled L2), at least 0.
    search.weight_decay = 3e-4
    # ... global norm at which gradients are clipped, above 0.
    search.clip_norm = 5.0
    # Adam of the logits: constant learning rate, above 0.
    search.architecture_learning_rate = 0.05
    # ... decay of the first moment, in [0, 1).
    search.architecture_beta_1 = 0.5
    # ... decay of the second moment, in [0, 1).
    search.architecture_beta_2 = 0.999
    # ... what is added to the gradient, times the logit, at least 0.
    search.architecture_weight_decay = 0.0
    # ... global norm at which gradients are clipped, above 0.
    search.architecture_clip_norm = 10.0
    # Temperature lambda of the first step, above 0; it falls linearly.
    search.initial_temperature = 1.0
    # ... and of the last step, above 0 and at most the first.
    search.final_temperature = 0.03
    # eta: weight of the resource cost in the loss, at least 0; 0 searches for accuracy alone.
    search.resource_weight = 0.0
    return search


def _train() -> ConfigDict:
    train = ConfigDict(sort_keys=False)
    # Passes over the training images, at least 1.
    train.epochs = 60
    # Cells of the child network; 0: as in the search.
    train.num_cells = 0
    # Channels of its first cell, even; 0: as in the search.
    train.init_channels = 0
    # What to build: "" for the run's own genotype.json, a path, or a name such as "SNAS_MILD".
    train.genotype = ""
    # Whether the child starts from the weights that the search left in it.
    train.inherit = False
    # Images a step, over all replicas; 0: data.batch_size.
    train.batch_size = 0
    # SGD: learning rate of the first step, above 0; a cosine leads to the last.
    train.learning_rate = 0.05
    # ... and of the last step, at least 0 and at most the first.
    train.final_learning_rate = 0.0
    # ... its momentum, in [0, 1).
    train.momentum = 0.9
    # ... what is added to the gradient, times the weight (coupled L2), at least 0.
    train.weight_decay = 3e-4
    # ... global norm at which gradients are clipped, above 0.
    train.clip_norm = 5.0
    # Probability to drop an edge for an image, in the last epoch, in [0, 1); it rises from 0.
    train.drop_path = 0.0
    # Weight of the auxiliary classifier's loss, at least 0; 0 builds none.
    train.auxiliary_weight = 0.0
    # Side in pixels of the square that cutout blanks in every training image; 0: none.
    train.cutout = 0
    return train


def _runtime() -> ConfigDict:
    runtime = ConfigDict(sort_keys=False)
    # Arithmetic: "float32" or "mixed_bfloat16" (half the memory; slow on most CPUs).
    runtime.dtype_policy = "float32"
    # Whether XLA compiles the step.
    runtime.jit_compile = False
    # Steps that run in one call of the device, at least 1.
    runtime.steps_per_execution = 1
    # "one_device" or "mirrored": every visible GPU takes its share of each batch.
    runtime.strategy = "one_device"
    # Threads inside an operation; 0: chosen by the program (1 on a CPU).
    runtime.intra_op_threads = 0
    # Operations that run side by side; 0: chosen by the program (the usable cores on a CPU).
    runtime.inter_op_threads = 0
    return runtime


def flatten(config: ConfigDict) -> dict[str, Any]:
    """All keys with their values.

    Args:
        config: A config, whole or a section of one.

    Returns:
        {"data.batch_size": 64, ...} in the order of the config.
    """
    return dict(_leaves(config, ""))


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
    _check_space(given)
    _check_relations(given)


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


def _check_space(given: dict[str, Any]) -> None:
    primitives = given["space.primitives"]
    unknown = [name for name in primitives if name not in space.PRIMITIVES]
    if unknown or len(set(primitives)) < max(len(primitives), 1):
        what = f"different names among {_listed(space.PRIMITIVES)}"
        raise InvalidInput(must_be("space.primitives", what, primitives))


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


def _leaves(config: ConfigDict, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if isinstance(value, ConfigDict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _lies_in(value: float, interval: str) -> bool:
    least, most = (float(bound) for bound in interval[1:-1].split(","))
    above = value > least or (interval[0] == "[" and value == least)
    below = value < most or (interval[-1] == "]" and value == most)
    return above and below


def _listed(names: Any) -> str:
    return ", ".join(names)
