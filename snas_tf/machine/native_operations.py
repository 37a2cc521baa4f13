# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether a run computes with custom C++ ops, by its config and what the machine has."""

from __future__ import annotations

import rich.console
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import native
from snas_tf.errors import InvalidInput


def choose(config: ConfigDict, console: rich.console.Console) -> None:
    """Puts them in use or leaves them out, for all networks that are built from now on.

    Args:
        config: The run's config; reads `runtime.native_operations`.
        console: Where it is told why they are left out.

    Raises:
        InvalidInput: The config insists on them, and they cannot be had.
    """
    choice = config.runtime.native_operations
    native.use(False)
    if choice == "off" or (choice == "auto" and tf.config.list_physical_devices("GPU")):
        return
    try:
        if not native.compiled():
            console.print("Compiling custom C++ ops for this machine, once: a few seconds.")
        native.use()
    except native.Unavailable as error:
        if choice == "on":
            raise InvalidInput(
                f"`--config.runtime.native_operations=on` cannot be had: {error}; mend that, or "
                "set it to auto, which then takes TensorFlow's operations"
            ) from error
        console.print(
            f"Without custom C++ ops, which save a third of the time of a step: {error}.",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )
