# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stochastic Neural Architecture Search (SNAS, ICLR 2019) in TensorFlow, Keras and TFP.

    from snas_tf import space, ArchitectureDistribution, Supernet, ChildNetwork, Snas, ResourceCost

`snas_tf.space` is plain data and needs no TensorFlow; the other names are imported when they are
first asked for. `snas_tf.black_box` searches by trials, and `snas_tf.evaluation` judges them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

from snas_tf import saved_classes
from snas_tf.version import __version__

if TYPE_CHECKING:
    from snas_tf import black_box, evaluation, native, space
    from snas_tf.distribution import ArchitectureDistribution
    from snas_tf.evaluation.zero_cost import score
    from snas_tf.fitting.morphs import MorphSearch
    from snas_tf.layers import Choice, InputChoice, Repeat
    from snas_tf.networks import ChildNetwork, Supernet
    from snas_tf.search import ResourceCost, Snas
    from snas_tf.space.choices.one_of import OneOf

__all__ = [
    "ArchitectureDistribution",
    "ChildNetwork",
    "Choice",
    "InputChoice",
    "MorphSearch",
    "OneOf",
    "Repeat",
    "ResourceCost",
    "Snas",
    "Supernet",
    "__version__",
    "black_box",
    "evaluation",
    "native",
    "score",
    "space",
]

_ROOMS = ("black_box", "evaluation", "native", "space")
_HOMES = {
    "ArchitectureDistribution": "snas_tf.distribution",
    "ChildNetwork": "snas_tf.networks",
    "Choice": "snas_tf.layers",
    "InputChoice": "snas_tf.layers",
    "MorphSearch": "snas_tf.fitting.morphs",
    "OneOf": "snas_tf.space.choices.one_of",
    "Repeat": "snas_tf.layers",
    "ResourceCost": "snas_tf.search",
    "Snas": "snas_tf.search",
    "Supernet": "snas_tf.networks",
    "score": "snas_tf.evaluation.zero_cost",
}
_TESTED = {
    "keras": (3, 15),
    "tensorflow": (2, 21),
    "tensorflow-probability": (0, 25),
    "tf-keras": (2, 21),
    "tensorboard": (2, 21),
}
"""The minor versions that were tested together. What lies behind the public names of Keras and
TensorFlow, some of which is used, may be another thing in any other; setup.py asks for the same."""
_OTHER_BACKENDS = ("jax", "torch", "openvino")


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
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
        ImportError: A library is missing or of a version that was not tested, or Keras runs on
            another backend; the message, one line, holds the remedy.
    """
    wrong = {}
    for package, (major, minor) in _TESTED.items():
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found = "not installed"
        if found.split(".")[:2] != [str(major), str(minor)]:
            wrong[f"{package}>={major}.{minor},<{major}.{minor + 1}"] = found
    if wrong:
        needed = "; ".join(f"{wanted} (here: {found})" for wanted, found in wrong.items())
        names = " ".join(f"'{wanted}'" for wanted in wrong)
        raise ImportError(f"snas_tf needs {needed}. Run: pip install {names}")
    if (backend := _keras_backend()) != "tensorflow":
        raise ImportError(
            f"snas_tf needs Keras on TensorFlow, but its backend is {backend!r}, as "
            "KERAS_BACKEND or keras.json says. Run: export KERAS_BACKEND=tensorflow"
        )


def _keras_backend() -> str:
    """What Keras says; or where it cannot even be imported, the library that its backend lacks."""
    try:
        keras = importlib.import_module("keras")
    except ModuleNotFoundError as error:
        if error.name in _OTHER_BACKENDS:
            return error.name
        raise
    return keras.backend.backend()


saved_classes.register_when_keras_is_imported()
