# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""All keys, and the config that has their defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ml_collections import ConfigDict

from snas_tf.config.data_keys import DATA
from snas_tf.config.key import Key
from snas_tf.config.run_keys import ABLATE, EVALUATION, EXPORT, LATENCY, RUNTIME
from snas_tf.config.score_keys import SCORE
from snas_tf.config.search_keys import SEARCH
from snas_tf.config.space_keys import NETWORK, SPACE
from snas_tf.config.train_keys import TRAIN
from snas_tf.config.trials_keys import TRIALS

_WHOLE = {
    "seed": Key(
        0,
        "[0, 2147483647]",
        "All randomness of a run follows from it: split, weights, samples, shuffling, "
        "augmentation.",
    ),
    "distribution": Key(
        "auto",
        ("auto", "one_device", "mirrored", "multi_worker", "tpu"),
        'Devices that take their share of each batch: "one_device"; "mirrored", every GPU of this '
        'machine; "multi_worker", those of the machines in the environment variable TF_CONFIG; '
        '"tpu"; or "auto", several workers where TF_CONFIG lists them, several GPUs where there '
        "are.",
    ),
}
_SECTIONS = {
    "data": DATA,
    "space": SPACE,
    "network": NETWORK,
    "search": SEARCH,
    "trials": TRIALS,
    "train": TRAIN,
    "evaluation": EVALUATION,
    "score": SCORE,
    "latency": LATENCY,
    "ablate": ABLATE,
    "export": EXPORT,
    "runtime": RUNTIME,
}
KEYS: dict[str, Key] = {
    **_WHOLE,
    **{f"{name}.{key}": found for name, keys in _SECTIONS.items() for key, found in keys.items()},
}
"""Every key by its whole name, such as "search.epochs"."""


def get_config() -> ConfigDict:
    """The default config, locked: its keys are all there are.

    Returns:
        A new `ConfigDict`; unlock it to add what a program of your own needs.
    """
    config = ConfigDict(sort_keys=False)
    for name, key in _WHOLE.items():
        config[name] = key.default
    for name, keys in _SECTIONS.items():
        config[name] = section = ConfigDict(sort_keys=False)
        for key, found in keys.items():
            section[key] = found.default
    return config.lock()


def flatten(config: ConfigDict) -> dict[str, Any]:
    """All keys with their values.

    Args:
        config: A config, whole or a section of one.

    Returns:
        {"data.batch_size": 64, ...} in the order of the config.
    """
    return dict(_leaves(config, ""))


def _leaves(config: ConfigDict, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if isinstance(value, ConfigDict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
