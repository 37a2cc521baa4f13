# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A `tf.function` with variables as StableHLO, a pure function for other runtimes."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.compiler.mlir.stablehlo import stablehlo

# What TensorFlow adds to StableHLO and its portable form cannot hold; none of it means anything.
_ADDITIONS = (
    (r"mhlo\.copy (%\S+) : (\S+)", r"stablehlo.reshape \1 : (\2) -> \2"),
    (r" \{mhlo\.frontend_attributes = \{[^}]*\}\}", ""),
    (r"^(module @\S+) attributes \{.*\} \{", r"\1 {"),
    (r"^#loc.*\n|\s*loc\([^()]*(\([^()]*\))*[^()]*\)", ""),
)
_ALIAS = re.compile(r"parameter_number = (\d+) : i64\}, output_index = array<i64: (\d+)>")


class Module(NamedTuple):
    """A pure function, and what to call it with.

    Attributes:
        artifact: The function in the portable form that later versions of StableHLO read. Its
            parameters are the arguments and after them what was captured, variables as their
            values; its results are those of the function, flat, and after them the new values of
            the variables that it changes.
        parameters: All parameters; a variable's is the handle of it.
        state: (result, parameter) of every variable that changes.
    """

    artifact: bytes
    parameters: list[tf.Tensor]
    state: list[tuple[int, int]]

    def values(self) -> list[np.ndarray]:
        """The values of the parameters, of variables as they are now."""
        return [_value(parameter) for parameter in self.parameters]


def module(function: tf.types.experimental.PolymorphicFunction, *arguments: tf.Tensor) -> Module:
    """Lowers a function for arguments of these shapes.

    Args:
        function: Made with `jit_compile=True`.
        *arguments: Its arguments.

    Returns:
        The module.
    """
    captured = function.get_concrete_function(*arguments).captured_inputs
    lowered = function.experimental_get_compiler_ir(*arguments)
    # Of the devices that resources may be on, a CPU is always there; nothing here is particular
    # to it.
    text = lowered(stage="stablehlo", platform_name="CPU")
    state = [(int(result), int(parameter)) for parameter, result in _ALIAS.findall(text)]
    for pattern, replacement in _ADDITIONS:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    artifact = stablehlo.serialize_portable_artifact_str(text, stablehlo.get_minimum_version())
    return Module(artifact, [*arguments, *captured], state)


def _value(parameter: tf.Tensor) -> np.ndarray:
    if parameter.dtype != tf.resource:
        return parameter.numpy()
    dtype = tf.dtypes.as_dtype(parameter._handle_data.shape_and_type[0].dtype)
    return np.array(tf.raw_ops.ReadVariableOp(resource=parameter, dtype=dtype).numpy())
