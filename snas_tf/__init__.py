# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stochastic Neural Architecture Search (SNAS, ICLR 2019) in TensorFlow, Keras and TFP.

    from snas_tf import space, ArchitectureDistribution, Supernet, ChildNetwork, Snas, ResourceCost

`snas_tf.space` is plain data and needs no TensorFlow; the other names are imported when they are
first asked for.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from typing import TYPE_CHECKING, Any

from snas_tf.version import __version__

if TYPE_CHECKING:
    from snas_tf import native, space
    from snas_tf.distribution import ArchitectureDistribution
    from snas_tf.networks import ChildNetwork, Supernet
    from snas_tf.search import ResourceCost, Snas

__all__ = [
    "ArchitectureDistribution",
    "ChildNetwork",
    "ResourceCost",
    "Snas",
    "Supernet",
    "__version__",
    "native",
    "space",
]

_HOMES = {
    "ArchitectureDistribution": "snas_tf.distribution",
    "ChildNetwork": "snas_tf.networks",
    "ResourceCost": "snas_tf.search",
    "Snas": "snas_tf.search",
    "Supernet": "snas_tf.networks",
}
_REQUIRED = {
    "keras": (3, 15),
    "tensorflow": (2, 21),
    "tensorflow-probability": (0, 25),
    "tf-keras": (2, 21),
    "tensorboard": (2, 21),
}


def __getattr__(name: str) -> Any:
    if name in ("native", "space"):
        return importlib.import_module(f"snas_tf.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'snas_tf' has no attribute {name!r}")
    check_environment()
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """What completion shows: the public names, though most are imported when first asked for."""
    return sorted({*globals(), *__all__})


def check_environment() -> None:
    """Checks that the installed libraries can work together.

    Raises:
        ImportError: A library is missing or too old, or Keras runs on another backend; the message
            holds the remedy.
    """
    problems = []
    for package, least in _REQUIRED.items():
        wanted = ".".join(map(str, least))
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{package}>={wanted} (not installed)")
            continue
        if tuple(int(part) for part in found.split(".")[:2]) < least:
            problems.append(f"{package}>={wanted} (found {found})")
    if problems:
        names = " ".join(f"'{problem.split(' ')[0]}'" for problem in problems)
        raise ImportError(f"snas_tf needs {', '.join(problems)}. Run: pip install {names}")
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ImportError(
            f"snas_tf needs Keras on TensorFlow, but KERAS_BACKEND is {backend!r}. "
            "Run: export KERAS_BACKEND=tensorflow"
        )
