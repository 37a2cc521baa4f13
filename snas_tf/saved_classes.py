# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Tells Keras where the classes of saved models are, without importing them.

Keras knows a class from the moment on in which its module is imported, and here modules are
imported when they are first asked for. So `import snas_tf` registers stand-ins as soon as Keras is
there; one that Keras makes a model of imports the class, whose own registration takes its place.
"""

from __future__ import annotations

import importlib
import types
from typing import Any

import wrapt

PACKAGE = "snas_tf"
"""The package under whose name the classes are registered with Keras."""

_LAYERS = (
    *("AuxiliaryHead", "AveragePooling", "BatchNormalization", "BNReLU", "Choice", "Classifier"),
    *("ConvBN", "Convolution", "DilatedConvolution", "DropPath", "DropPathFactors"),
    *("FactorizedReduction", "InputChoice", "MaxPooling", "MixedOperation", "PlainAveragePooling"),
    *("ReLUConvBN", "Repeat", "ResidualReduction", "SeparableConvolution", "SkipConnection"),
    *("Stem", "Zero"),
)

_GRAPH_LAYERS = (
    *("Aggregation", "Cat", "Film", "GraphHead", "Gru", "JoinedGraphs", "JoinedStates", "Pair"),
    *("PlainState", "StateSum"),
)

_NETWORKS = (
    *("ChainNetwork", "ChildNetwork", "ChoiceNetwork", "ChoiceSupernet", "GraphNetwork"),
    *("GraphSupernet", "MorphNetwork", "PlannedChoiceSupernet", "Supernet"),
)

_METRICS = ("BalancedAccuracy", "F1", "LabelledAccuracy", "LabelledMeanAbsoluteError")

_LOSSES = ("LabelledAbsoluteError", "LabelledCrossentropy")

_SEARCH = (*("Adam", "Change", "Estimator", "Gate", "Perturbation", "ResourceCost", "SGD", "Snas"),)

MODULES = {
    **dict.fromkeys(_LAYERS, "snas_tf.layers"),
    **dict.fromkeys(_GRAPH_LAYERS, "snas_tf.networks"),
    **dict.fromkeys(_NETWORKS, "snas_tf.networks"),
    **dict.fromkeys(_SEARCH, "snas_tf.search"),
    **dict.fromkeys(_METRICS, "snas_tf.training.labelled_metrics"),
    **dict.fromkeys(_LOSSES, "snas_tf.training.labelled_losses"),
    "ArchitectureDistribution": "snas_tf.distribution",
    "GraphNormalization": "snas_tf.data",
    "LinearWarmup": "snas_tf.fitting.learning_rate",
}
"""{class that a saved model may name: the module whose import registers it}."""

SPACES = ("CellSpace", "GraphSpace", "ProductSpace")
"""Classes of `snas_tf.space` that a saved model may name; they know nothing of Keras."""


class StandIn:
    """A class that is imported when it is first used.

    Args:
        name: The name under which the class is registered.
        module: The module whose import registers it.
    """

    def __init__(self, name: str, module: str) -> None:
        self.name = name
        self.module = module

    def imported(self) -> type:
        """The class itself."""
        from snas_tf import check_environment

        check_environment()
        importlib.import_module(self.module)
        keras = importlib.import_module("keras")
        return keras.saving.get_custom_objects()[self.name]

    def from_config(self, config: dict[str, Any]) -> Any:
        """What Keras calls to make an object of what was saved."""
        return self.imported().from_config(config)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """An object of the class."""
        return self.imported()(*args, **kwargs)


def register_when_keras_is_imported() -> None:
    """Registers a stand-in for every class, now or when Keras is imported."""
    wrapt.register_post_import_hook(_register, "keras")


def _register(keras: types.ModuleType) -> None:
    known = keras.saving.get_custom_objects()
    for name, module in MODULES.items():
        registered = f"{PACKAGE}>{name}"
        known.setdefault(registered, StandIn(registered, module))
    spaces = importlib.import_module("snas_tf.space")
    for name in SPACES:
        keras.saving.register_keras_serializable(package=PACKAGE)(getattr(spaces, name))
