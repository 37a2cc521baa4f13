# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The part of a config that the result of a stage depends on, and how two of them differ.

`runtime` is no part of it: a run may go on at another speed, on another machine.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
from typing import Any

from ml_collections import ConfigDict

SECTIONS = {
    "search": ("seed", "data", "space", "search"),
    "train": ("seed", "data", "space", "train"),
}
GENOTYPE = "genotype.json"

Snapshot = dict[str, Any]
Differences = dict[str, tuple[Any, Any]]


def take(stage: str, config: ConfigDict, genotype_path: pathlib.Path) -> Snapshot:
    """What a stage depends on, as plain JSON data.

    Args:
        stage: "search" or "train".
        config: The whole config.
        genotype_path: Where the run's own genotype lies, if it does; the digest of it is part of a
            training of it, which another search makes out of date.

    Returns:
        {"seed": ..., "data": {...}, ...}, tuples as lists.
    """
    plain = config.to_dict()
    snapshot = {section: plain[section] for section in SECTIONS[stage]}
    if stage == "train" and not config.train.genotype and genotype_path.exists():
        snapshot[GENOTYPE] = hashlib.sha256(genotype_path.read_bytes()).hexdigest()[:12]
    return json.loads(json.dumps(snapshot))


def differences(there: Snapshot, here: Snapshot) -> Differences:
    """The keys on which two snapshots differ.

    Args:
        there: The recorded one.
        here: The present one.

    Returns:
        {"search.epochs": (value there, value here), ...}; None where a key is missing.
    """
    flat_there, flat_here = _flat(there), _flat(here)
    return {
        key: (flat_there.get(key), flat_here.get(key))
        for key in {**flat_there, **flat_here}
        if flat_there.get(key) != flat_here.get(key)
    }


def tell(different: Differences) -> str:
    """Differences in words, in one line."""
    return "; ".join(
        f"{key if key == GENOTYPE else f'--config.{key}'} is {there!r} there, {here!r} here"
        for key, (there, here) in different.items()
    )


def _flat(nested: Snapshot, prefix: str = "") -> dict[str, Any]:
    flat = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat
