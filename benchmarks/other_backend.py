# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether a found network answers the same on another of Keras's backends, without this package.

    python3 -m venv other && other/bin/pip install keras==3.15.1 jax
    .venv/bin/python benchmarks/other_backend.py --python=other/bin/python --backend=jax

Writes a network of each primitive and of published genotypes in Keras's own layers, of random
weights and statistics, at even and odd sizes, and lets the other interpreter, in which neither this
package nor TensorFlow is imported, load it and answer. Prints the greatest difference of a logit to
that of the child, by the greatest logit, and of a probability; some minutes on two cores.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

import keras
import numpy as np
from absl import app, flags

from snas_tf import ChildNetwork, space

_PYTHON = flags.DEFINE_string("python", "", "Interpreter of an environment with Keras.")
_BACKEND = flags.DEFINE_string("backend", "jax", "The backend that it shall use.")

_EDGES = ((0, 2), (1, 2), (2, 3), (1, 3))  # of stride 1 and 2 in a reduction cell
_SIZES = ((8, 8), (9, 7))
_MEAN, _DEVIATION = (0.2, 0.5, 0.7), (0.1, 0.3, 0.2)
_PROGRAM = """
import pathlib, sys
import keras, numpy
folder, backend = pathlib.Path(sys.argv[1]), sys.argv[2]
assert keras.backend.backend() == backend
for path in sorted(folder.glob("*.keras")):
    network = keras.saving.load_model(path)
    numpy.save(folder / f"{path.stem}.npy", network.predict(numpy.load("pixels.npy"), verbose=0))
imported = [name for name in ("snas_tf", "tensorflow") if name in sys.modules]
print(f"keras {keras.__version__} on {backend}; of snas_tf and tensorflow imported: {imported}")
"""


def main(_: list[str]) -> None:
    """Writes, lets answer, compares."""
    for size in _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            pixels = np.random.default_rng(1).integers(0, 256, (16, *size, 3), np.uint8)
            np.save(place / "pixels.npy", pixels)
            children = dict(_children(size))
            for name, child in children.items():
                network = child.to_keras(mean=_MEAN, deviation=_DEVIATION)
                network.save(place / f"{name}.keras")
            subprocess.run(
                [_PYTHON.value, "-c", _PROGRAM, folder, _BACKEND.value],
                cwd=folder,
                env={**os.environ, "KERAS_BACKEND": _BACKEND.value, "PYTHONPATH": ""},
                check=True,
            )
            normalised = ((pixels / 255 - _MEAN) / _DEVIATION).astype("float32")
            for name, child in children.items():
                expected = child(normalised).numpy()
                _compare(f"{name} at {size}", np.load(place / f"{name}.npy"), expected)


def _children(size: tuple[int, int]) -> Iterator[tuple[str, ChildNetwork]]:
    genotypes = {
        operation: space.Genotype(
            dict.fromkeys(space.KINDS, [(*edge, operation) for edge in _EDGES]), num_nodes=2
        )
        for operation in space.PRIMITIVES[1:]
    }
    skeleton = space.Skeleton(
        num_cells=3, init_channels=4, num_classes=5, image_shape=(*size, 3), stem="cifar"
    )
    for name, genotype in {**genotypes, **space.PUBLISHED}.items():
        yield name, _with_random_weights(ChildNetwork(genotype, skeleton))


def _with_random_weights(child: ChildNetwork) -> ChildNetwork:
    """Also running statistics, as no initializer makes them."""
    generator = np.random.default_rng(0)
    for weight in child.weights:
        value = 0.3 * generator.normal(size=weight.shape)
        if "variance" in weight.path:
            value = generator.uniform(0.3, 2.0, weight.shape)
        weight.assign(value + 1 if "gamma" in weight.path else value)
    return child


def _compare(name: str, found: np.ndarray, expected: np.ndarray) -> None:
    logits = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
    softmax = keras.ops.softmax(found) - keras.ops.softmax(expected)
    probabilities = float(np.abs(keras.ops.convert_to_numpy(softmax)).max())
    print(f"{name:28} logits {logits:.1e}  probabilities {probabilities:.1e}", flush=True)


if __name__ == "__main__":
    app.run(main)
