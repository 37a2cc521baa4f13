# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs a search step that benchmarks/export_search_step.py wrote, through JAX's XLA runtime.

A process of benchmarks/gpu_search_step.py, with JAX and without TensorFlow. JAX computes nothing
here but lends its compiler and runtime: the program is the one that TensorFlow wrote. All variables
stay on the device, and a step writes the new ones where the old ones are.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import sys
import tempfile
import time
from typing import Any

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others share the device

import jax
import jax.export
import numpy as np
from timed_process import serve_device, summary

jax.config.update("jax_enable_x64", True)  # for the counters of steps, which are int64

_PROFILED = 2


class ExportedStep:
    """The compiled step and its variables.

    Args:
        folder: Where the step was exported to.
        setting: The setting's name.
        precision: The precision's name.
    """

    def __init__(self, folder: pathlib.Path, setting: str, precision: str) -> None:
        with np.load(folder / f"{setting}.npz") as file:
            archive = {name: file[name] for name in file.files}
        self._archive = archive
        self._results, self._places = archive["state"].T.tolist()
        count = sum(name.startswith("argument_") for name in archive)
        arguments = [archive[f"argument_{i}"] for i in range(count)]
        self._loss = archive["log_names"].tolist().index("loss")
        module = (folder / f"{setting}_{precision}.stablehlo").read_bytes()
        call = _callable(module, arguments, self._outputs(arguments))
        self._variables = [jax.device_put(arguments[place]) for place in self._places]
        others = {i: jax.device_put(arguments[i]) for i in {*range(count)} - {*self._places}}

        @functools.partial(jax.jit, donate_argnums=0)
        def step(variables: list[Any], others: dict[int, Any]) -> tuple[list[Any], list[Any]]:
            given = {**others, **dict(zip(self._places, variables, strict=True))}
            results = call(*(given[i] for i in range(count)))
            logs = results[: len(archive["log_names"])]
            return logs, [results[i] for i in self._results]

        start = time.perf_counter()
        self._step = step.lower(self._variables, others).compile()
        self.compile_seconds = time.perf_counter() - start
        self._others = others
        self.parameters = sum(
            variable.size
            for group, variable in zip(archive["groups"], self._variables, strict=True)
            if group == "weights"
        )

    def _outputs(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """Arrays like the results: what is reported, and then the variables."""
        logs = [self._archive[f"expected_{i}"] for i in range(len(self._archive["log_names"]))]
        return [*logs, *(arguments[place] for place in self._places)]

    def run(self, steps: int) -> float:
        """Runs steps, and waits for the last one.

        Args:
            steps: How many.

        Returns:
            The last loss.
        """
        for _ in range(steps):
            logs, self._variables = self._step(self._variables, self._others)
        jax.block_until_ready(self._variables)
        return float(logs[self._loss])

    def differences(self) -> dict[str, float]:
        """Runs the first step, and compares it with TensorFlow's on a CPU.

        Returns:
            The relative difference of the loss, and for every group of variables that of their
            changes, by the norm. The velocities and moments of optimizers that begin at zero are
            linear in the gradients.
        """
        archive = self._archive
        loss = self.run(1)
        found = {"loss": abs(loss / float(archive[f"expected_{self._loss}"]) - 1)}
        parts: dict[str, list[np.ndarray]] = {}
        for group, result, place, own in zip(
            archive["groups"].tolist(), self._results, self._places, self._variables, strict=True
        ):
            before, expected = archive[f"argument_{place}"], archive[f"expected_{result}"]
            name = group if np.issubdtype(before.dtype, np.floating) else "counters"
            changes = [np.ravel(after - before) for after in (np.asarray(own), expected)]
            parts.setdefault(name, []).append(np.stack(changes).astype(np.float64))
        for name, pairs in parts.items():
            own, expected = np.concatenate(pairs, axis=1)
            found[name] = float(np.linalg.norm(own - expected) / np.linalg.norm(expected))
        return found

    def memory(self) -> dict[str, float]:
        """MiB that a step needs by its plan, and the most that the process has had so far."""
        plan = self._step.memory_analysis()
        sizes = plan.argument_size_in_bytes + plan.output_size_in_bytes + plan.temp_size_in_bytes
        statistics = jax.local_devices()[0].memory_stats() or {}
        return {
            "device_mib": (sizes - plan.alias_size_in_bytes) / 2**20,
            "reserved_mib": statistics.get("peak_bytes_in_use", 0) / 2**20,
        }

    def profile(self) -> dict[str, Any]:
        """Milliseconds of a step in which the device works, and how many kernels those are."""
        with tempfile.TemporaryDirectory() as folder:
            with jax.profiler.trace(folder):
                self.run(_PROFILED)
            (file,) = pathlib.Path(folder).rglob("*.xplane.pb")
            planes = jax.profiler.ProfileData.from_file(str(file)).planes
            events = [
                (event.name, event.duration_ns)
                for plane in planes
                if "GPU" in plane.name
                for line in plane.lines
                if line.name.startswith("Stream")
                for event in line.events
            ]
        return summary(events, _PROFILED)


def _callable(module: bytes, arguments: list[np.ndarray], outputs: list[np.ndarray]) -> Any:
    """A function of JAX that is a module of StableHLO.

    JAX has no public way in for what it did not export itself, so a function of the same signature
    is exported, and its module replaced.
    """

    def stand_in(*_: Any) -> tuple[Any, ...]:
        return tuple(jax.numpy.zeros(output.shape, output.dtype) for output in outputs)

    export = jax.export.export(jax.jit(stand_in, keep_unused=True))
    shapes = [jax.ShapeDtypeStruct(given.shape, given.dtype) for given in arguments]
    return dataclasses.replace(export(*shapes), mlir_module_serialized=module).call


def main() -> None:
    folder, setting, precision, seconds = sys.argv[1:]
    start = time.perf_counter()
    step = ExportedStep(pathlib.Path(folder), setting, precision)
    differences = step.differences()
    serve_device(
        step.run,
        float(seconds),
        step.memory,
        step.profile,
        first_seconds=time.perf_counter() - start,
        compile_seconds=step.compile_seconds,
        differences=differences,
        parameters=step.parameters,
        device=jax.devices()[0].device_kind,
        version=jax.__version__,
        flags=os.environ.get("XLA_FLAGS", ""),
    )


if __name__ == "__main__":
    main()
