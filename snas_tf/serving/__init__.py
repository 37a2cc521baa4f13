# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From a child network to a SavedModel that TF-Serving loads.

The names are imported when they are first asked for: the program that tries a SavedModel as a
server would needs neither Keras nor the networks.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snas_tf.serving.graph_export import export_graphs, graph_predictor
    from snas_tf.serving.graph_signatures import GRAPH_SIGNATURE, ServedGraphs
    from snas_tf.serving.predictors import Predictor, predictor
    from snas_tf.serving.publication import versions
    from snas_tf.serving.saved_model import METADATA, MODEL, Exported, export
    from snas_tf.serving.signature_names import (
        BYTES_SIGNATURE,
        EXAMPLE,
        IMAGE,
        IMAGE_SIGNATURE,
    )
    from snas_tf.serving.signatures import Served
    from snas_tf.serving.verification import TOLERANCES, Verification
    from snas_tf.serving.warm_up import EXTRA_ASSETS

__all__ = [
    "BYTES_SIGNATURE",
    "EXTRA_ASSETS",
    "EXAMPLE",
    "GRAPH_SIGNATURE",
    "IMAGE",
    "IMAGE_SIGNATURE",
    "METADATA",
    "MODEL",
    "TOLERANCES",
    "Exported",
    "Predictor",
    "Served",
    "ServedGraphs",
    "Verification",
    "export",
    "export_graphs",
    "graph_predictor",
    "predictor",
    "versions",
]

_HOMES = {
    "graph_export": ("export_graphs", "graph_predictor"),
    "graph_signatures": ("GRAPH_SIGNATURE", "ServedGraphs"),
    "predictors": ("Predictor", "predictor"),
    "publication": ("versions",),
    "saved_model": ("METADATA", "MODEL", "Exported", "export"),
    "signature_names": ("BYTES_SIGNATURE", "EXAMPLE", "IMAGE", "IMAGE_SIGNATURE"),
    "signatures": ("Served",),
    "verification": ("TOLERANCES", "Verification"),
    "warm_up": ("EXTRA_ASSETS",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'snas_tf.serving' has no attribute {name!r}")
    return getattr(importlib.import_module(f"snas_tf.serving.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """What completion shows: the public names, though most are imported when first asked for."""
    return sorted({*globals(), *__all__})
