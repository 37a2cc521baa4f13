# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""All variables of a compiled model as one snapshot of arrays, and that snapshot as one file.

It holds what Keras's `save_weights` writes, and the states of seed generators, which that leaves
out; metrics are not in it, see `metric_state`. Keras writes an HDF5 data set a variable, which for
a supernet of several hundred small variables takes a quarter of the time of a short epoch; here
their bytes are written in one go, with an index of names, dtypes and shapes.
"""

from __future__ import annotations

import collections
import io
import json
import math

import keras
import numpy as np
from etils import epath

State = dict[str, np.ndarray]

_TOLD = 3  # names in an error; hundreds may differ


def collect(model: keras.Model) -> State:
    """The present values of weights, optimizers, counters and seed generators.

    Args:
        model: The compiled model, its optimizer built.

    Returns:
        {name: array}. The name is the variable's path in Keras. Two networks with layers of the
        same names, such as a network and its moving average, share paths: in the order of the
        model's variables the second one of a path is called "path (2)".
    """
    return {name: np.asarray(variable.numpy()) for name, variable in _named(model).items()}


def not_finite(state: State) -> str:
    """The name of the first variable that holds an infinity or no number; "" if none does."""
    return next((name for name, array in state.items() if not np.isfinite(array).all()), "")


def write(state: State, path: epath.Path) -> None:
    """Writes a snapshot as an npz file of two arrays of bytes: the index in JSON, and the values.

    Bytes hold dtypes that numpy's files do not know, such as bfloat16, as well.

    Args:
        state: From `collect`.
        path: The file; its folder exists.
    """
    index = [(name, array.dtype.name, array.shape) for name, array in state.items()]
    parts = {
        "index": json.dumps(index).encode(),
        "values": b"".join(array.tobytes() for array in state.values()),
    }
    # In memory, as zip files are not written in one go and object stores take no other.
    content = io.BytesIO()
    np.savez(content, **{name: np.frombuffer(part, np.uint8) for name, part in parts.items()})
    path.write_bytes(content.getvalue())


def read(path: epath.Path) -> State:
    """Reads what `write` wrote, to the bit."""
    with np.load(io.BytesIO(path.read_bytes())) as parts:
        index, values = json.loads(parts["index"].tobytes()), parts["values"]
    state, end = {}, 0
    for name, dtype, shape in index:
        start, end = end, end + math.prod(shape) * np.dtype(dtype).itemsize
        # A copy, for after a variable of another size the bytes need not be aligned.
        state[name] = values[start:end].view(dtype).reshape(shape).copy()
    return state


def restore(model: keras.Model, state: State) -> None:
    """Gives every variable its value, on all replicas; or none, if the snapshot does not fit.

    Args:
        model: The compiled model, its optimizer built, as it was when the snapshot was taken.
        state: From `collect` or `read`.

    Raises:
        ValueError: The model has other variables; says which, in one line.
    """
    variables = _named(model)
    if different := _differences(variables, state):
        raise ValueError(different)
    for name, variable in variables.items():
        variable.assign(state[name])


def _named(model: keras.Model) -> dict[str, keras.Variable]:
    named, seen = {}, collections.Counter()
    for variable in (*model.variables, *model.optimizer.variables):
        seen[variable.path] += 1
        number = seen[variable.path]
        named[variable.path if number == 1 else f"{variable.path} ({number})"] = variable
    return named


def _differences(variables: dict[str, keras.Variable], state: State) -> str:
    here = {name: _form(variable.dtype, variable.shape) for name, variable in variables.items()}
    there = {name: _form(array.dtype.name, array.shape) for name, array in state.items()}
    others = [
        f"{name} ({form} there, {here[name]} here)"
        for name, form in there.items()
        if name in here and form != here[name]
    ]
    groups = {
        "without ": [name for name in here if name not in there],
        "with ": [name for name in there if name not in here],
        "with another ": others,
    }
    return "; ".join(prefix + _listed(names) for prefix, names in groups.items() if names)


def _form(dtype: str, shape: tuple[int, ...]) -> str:
    return f"{dtype} {'x'.join(map(str, shape)) or 'scalar'}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more
