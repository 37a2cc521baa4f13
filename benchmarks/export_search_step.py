# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Writes a whole search step of snas_tf as StableHLO, for benchmarks/gpu_search_step.py.

    python benchmarks/export_search_step.py --folder=exported_steps

The step is `Snas.train_step` as `fit` runs it: the draw of Z, the forward and backward pass, the
cost, both optimizers with their clipping, the metrics. As StableHLO it is a pure function of the
batch and of all variables, and any XLA runtime runs it, on a machine too where there is no
TensorFlow. Written are, for every setting,

- `<setting>_<precision>.stablehlo`: the function, in the portable form that later versions of
  StableHLO read. `float32` asks for products in full float32, `tf32` leaves the precision to the
  device, and `bfloat16` is the dtype policy "mixed_bfloat16";
- `<setting>.npz`: its arguments, the same for every precision, and what TensorFlow's own kernels
  compute from them on a CPU in float32; of XLA are only the random bits, which are others there.
"""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import rich.console
import tensorflow as tf
from absl import app, flags
from stablehlo_module import module
from tensorflow_steps import batches, build, set_up
from timed_process import SETTINGS, WITH_TINY

POLICIES = {"float32": "float32", "tf32": "float32", "bfloat16": "mixed_bfloat16"}
"""The dtype policy of each precision."""

_FOLDER = flags.DEFINE_string("folder", "exported_steps", "Where to write.")
_SETTINGS = flags.DEFINE_list("settings", list(SETTINGS), "The networks to export.")
_PRECISIONS = flags.DEFINE_list("precisions", list(POLICIES), "Some of them.")


def traced(setting: dict[str, int], precision: str) -> tuple[Any, Any, tuple[Any, Any]]:
    """The model of a setting, its step as XLA compiles it, and a batch."""
    keras.config.set_dtype_policy(POLICIES[precision])
    tf.config.experimental.enable_tensor_float_32_execution(precision != "float32")
    model = build(setting, "bare")
    # XLA's random bits are others than the kernels', and what is expected is to be of the same Z.
    model.draw = tf.function(model.draw, jit_compile=True, autograph=False)
    batch = next(iter(batches(setting)))

    @tf.function(jit_compile=True, autograph=False)
    def step(images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        return model.train_step((images, labels))

    step.get_concrete_function(*batch)  # creates the variables of the metrics
    return model, step, batch


def groups(model: Any) -> dict[int, str]:
    """What the variables are, by the identity of their handles."""
    weights_optimizer, logits_optimizer = model._optimizers
    named = {
        "velocities": weights_optimizer.variables,
        "moments": logits_optimizer.variables,
        "weights": model.supernet.trainable_variables,
        "statistics": model.supernet.non_trainable_variables,
        "logits": model.architecture.trainable_variables,
    }
    return {id(v.value.handle): name for name, variables in named.items() for v in variables}


def export(setting: str, precision: str) -> tuple[bytes, dict[str, np.ndarray]]:
    """A step, and what it is to be called with.

    Args:
        setting: One of `WITH_TINY`.
        precision: One of `POLICIES`.

    Returns:
        The function, and an archive: `argument_<i>`; `state`, int (variables, 2), which result is
        the new value of which argument; `groups`, what each of these variables is; and
        `expected_<i>` for results, of which the first ones are what a step reports, `log_names`.
    """
    model, step, batch = traced(WITH_TINY[setting], precision)
    function = module(step, *batch)
    kinds = groups(model)
    before = function.values()
    logs = tf.function(model.train_step, autograph=False)(batch)
    after = function.values()
    state = function.state
    archive = {
        "state": np.array(state),
        "groups": np.array([kinds.get(id(function.parameters[i]), "metrics") for _, i in state]),
        "log_names": np.array(sorted(logs)),
    }
    archive.update({f"argument_{i}": value for i, value in enumerate(before)})
    archive.update({f"expected_{i}": logs[n].numpy() for i, n in enumerate(sorted(logs))})
    archive.update({f"expected_{result}": after[i] for result, i in state})
    return function.artifact, archive


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise app.UsageError(f"unknown argument {arguments[1]!r}")
    for given, known in ((_SETTINGS.value, WITH_TINY), (_PRECISIONS.value, POLICIES)):
        if unknown := {*given} - {*known}:
            raise app.UsageError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    if _PRECISIONS.value[0] == "bfloat16":
        raise app.UsageError("the first precision computes what is expected: not bfloat16")
    set_up("bare")
    folder = pathlib.Path(_FOLDER.value)
    folder.mkdir(parents=True, exist_ok=True)
    console = rich.console.Console()
    for setting in _SETTINGS.value:
        for precision in _PRECISIONS.value:
            function, archive = export(setting, precision)
            file = folder / f"{setting}_{precision}.stablehlo"
            file.write_bytes(function)
            console.print(f"{file}: {len(function) / 2**20:.1f} MiB")
            if precision == _PRECISIONS.value[0]:
                np.savez_compressed(folder / f"{setting}.npz", **archive)


if __name__ == "__main__":
    app.run(main)
