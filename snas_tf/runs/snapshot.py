# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The part of a config that the result of a stage depends on, and how two of them differ.

`runtime` is no part of it: a run may go on at another speed, on another machine. Nor are the keys
of `trials` that say where its networks are tried, and how long one may take.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from etils import epath
from ml_collections import ConfigDict

SECTIONS = {
    "search": ("seed", "data", "space", "network", "search"),
    "train": ("seed", "data", "space", "network", "train"),
}
_OF_TRIALS = ("trials", "train")
"""Sections that a search by trials depends on beside those."""

_ELSEWHERE = ("workers", "tasks_per_process", "scheduler", "limit")
"""Keys of the section `trials` on which no result depends."""

_NUMBER, _SECONDS = "trials.number", "trials.seconds"

DIGESTS = {
    "genotype_digest": "the genotype",
    "latency_table_digest": "the latency table",
    "trials_table_digest": "the table of trials",
    "model_digest": "the file of the model",
}
"""Keys, which no config has, of the digests of files that a stage depends on, and their names."""

Snapshot = dict[str, Any]
Differences = dict[str, tuple[Any, Any]]


def take(stage: str, config: ConfigDict, genotype_path: epath.Path) -> Snapshot:
    """What a stage depends on, as plain JSON data.

    Args:
        stage: "search" or "train".
        config: The whole config.
        genotype_path: Where the run's own genotype lies, if it does. The digest of the file that is
            trained is part of a training, which another search makes out of date; those of the
            latency table and of the table of trials are part of a search; that of the model's file
            of both.

    Returns:
        {"seed": ..., "data": {...}, ...}, tuples as lists.
    """
    by_trials = stage == "search" and config.search.method != "snas"
    snapshot = _sections(stage, config, by_trials=by_trials)
    if (source := epath.Path(config.space.model.rpartition(":")[0])).is_file():
        snapshot["model_digest"] = _digest(source)
    if stage == "train":
        snapshot["train"] |= training_sizes(config)
        source = epath.Path(config.train.genotype or genotype_path)
        if source.is_file():
            snapshot["genotype_digest"] = _digest(source)
    elif (source := epath.Path(config.search.latency_table)).is_file():
        snapshot["latency_table_digest"] = _digest(source)
    if by_trials and (source := epath.Path(config.trials.table)).is_file():
        snapshot["trials_table_digest"] = _digest(source)
    return snapshot


def complete(stage: str, recorded: Snapshot, defaults: ConfigDict) -> Snapshot:
    """Gives a record of an earlier version the keys that there were not yet.

    A key comes with the default by which a run does what it did before there was the key.

    Args:
        stage: "search" or "train".
        recorded: What the stage recorded; not empty.
        defaults: The default config.

    Returns:
        The record, with the defaults where it has nothing.
    """
    by_trials = recorded.keys() >= {*_OF_TRIALS}
    whole = _sections(stage, defaults, by_trials=stage == "search" and by_trials)
    added = {
        name: {**section, **recorded.get(name, {})}
        for name, section in whole.items()
        if isinstance(section, dict)
    }
    return {**whole, **recorded, **added}


def _sections(stage: str, config: ConfigDict, *, by_trials: bool) -> Snapshot:
    plain = config.to_dict()
    sections = (*SECTIONS[stage], *(_OF_TRIALS if by_trials else ()))
    snapshot = {section: plain[section] for section in sections}
    left_out = {"trials": _ELSEWHERE}
    if stage == "train":
        left_out["network"] = tuple(training_sizes(config))
    for section, keys in left_out.items():
        if section in snapshot:
            kept = {key: value for key, value in snapshot[section].items() if key not in keys}
            snapshot[section] = kept
    return json.loads(json.dumps(snapshot))


def training_sizes(config: ConfigDict) -> dict[str, int]:
    """The sizes of a training; those that are 0 in the config are taken from the search's.

    Args:
        config: The whole config.

    Returns:
        num_cells, init_channels and batch_size.
    """
    train, network = config.train, config.network
    return {
        "num_cells": train.num_cells or network.num_cells,
        "init_channels": train.init_channels or network.init_channels,
        "batch_size": train.batch_size or config.data.batch_size,
    }


def differences(there: Snapshot, here: Snapshot) -> Differences:
    """The keys on which two snapshots differ.

    Args:
        there: The recorded one.
        here: The present one.

    Returns:
        {"search.epochs": (value there, value here), ...}; None where a key is missing.
    """
    flat_there, flat_here = flat(there), flat(here)
    return {
        key: (flat_there.get(key), flat_here.get(key))
        for key in {**flat_there, **flat_here}
        if flat_there.get(key) != flat_here.get(key)
    }


def goes_on(different: Differences) -> bool:
    """Whether what was stopped there may go on here: with more trials at most, in any time."""
    there, here = different.get(_NUMBER, (0, 0))
    return {*different} <= {_NUMBER, _SECONDS} and there <= here


def extends(different: Differences) -> bool:
    """Whether the only difference is that there are to be more trials here, or time for them."""
    there, here = different.get(_SECONDS, (0, 0))
    longer = bool(there) and (not here or there < here)  # 0 is no end
    return goes_on(different) and (_NUMBER in different or longer)


def tell(different: Differences) -> str:
    """Differences in words, in one line."""
    names = {key: DIGESTS.get(key, f"--config.{key}") for key in different}
    return "; ".join(
        f"{names[key]} is {there!r} there, {here!r} here"
        for key, (there, here) in different.items()
    )


def flat(nested: Snapshot, prefix: str = "") -> dict[str, Any]:
    """All values of a snapshot by their whole keys.

    Args:
        nested: The snapshot.
        prefix: What to write before every key.

    Returns:
        {"seed": ..., "search.epochs": ...}.
    """
    found = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = value
    return found


def _digest(path: epath.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
