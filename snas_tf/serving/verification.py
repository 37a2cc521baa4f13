# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The proof that a written SavedModel is the network, before any server can see it."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.serving import cpp_loader, graph_check, warm_up
from snas_tf.serving.servable import Servable
from snas_tf.serving.signature_names import BYTES, BYTES_SIGNATURE, IMAGE_SIGNATURE
from snas_tf.serving.signatures import Served

BATCH_SIZES = (1, 3, 32)
"""The sizes of the requests that are compared."""

TOLERANCES = {"float32": 1e-5, "float16": 2e-3, "bfloat16": 2e-2}
"""Greatest difference of a probability by the arithmetic of the network, its compute dtype."""

_OF_NUMBERS = 100
"""How many times that a number may differ, which no softmax holds within bounds."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a written SavedModel that passed.

    Attributes:
        batch_sizes: Images in the requests that were compared, to each signature.
        tolerance: The difference of a probability that was allowed.
        differences: {signature: the greatest difference of a probability} by Python's loader.
        cpp_differences: The same by TensorFlow's C++ loader; None where it cannot be called.
        malformed_refused: Malformed requests that the C++ loader's session answered by an error.
        operations: Types of operations in the graph, none random, stateful or custom.
    """

    batch_sizes: tuple[int, ...]
    tolerance: float
    differences: Mapping[str, float]
    cpp_differences: Mapping[str, float] | None
    malformed_refused: int
    operations: int

    def greatest_difference(self) -> float:
        """The greatest difference of a probability, whatever the signature and the loader."""
        return max(*self.differences.values(), *(self.cpp_differences or {}).values())

    def describe(self) -> dict[str, Any]:
        """What was found, as plain data."""
        return dataclasses.asdict(self)


def requests(served: Served, model: str, examples: np.ndarray) -> list[warm_up.Request]:
    """Requests to all signatures with the network's own answers.

    The answers come from a graph of the network and its preprocessing alone, not from the functions
    that are served: eager operations are not fused, and round otherwise.

    Args:
        served: What is served.
        model: Name of the model.
        examples: uint8 (size, height, width, channels) of the network's size, real images, or
            examples of the dtype that is served, of which 32 are taken. With fewer the last request
            has as many as there are.

    Raises:
        ValueError: There is no example, or it has another shape.
    """
    shape = served.network.skeleton.image_shape
    if examples.dtype != served.dtype or examples.shape[1:] != shape or not len(examples):
        raise ValueError(
            f"`examples` must be at least one of {served.dtype} and shape {shape}. Received: "
            f"{examples.dtype} of shape {examples.shape}."
        )
    count = min(len(examples), max(BATCH_SIZES))
    examples = examples[np.arange(count) * len(examples) // count]
    answers = {IMAGE_SIGNATURE: (served.input_name, examples, _answers(served, examples))}
    if served.frame is not None:
        files = np.array([tf.io.encode_png(image).numpy() for image in examples], object)
        framed = np.stack([served.frame(tf.io.decode_png(file)).numpy() for file in files])
        answers[BYTES_SIGNATURE] = (BYTES, files, _answers(served, framed))
    return [
        warm_up.Request(
            model,
            signature,
            {name: inputs[:size]},
            {key: values[:size] for key, values in expected.items()},
        )
        for signature, (name, inputs, expected) in answers.items()
        for size in _sizes(served, count)
    ]


def verify(
    saved_model: pathlib.Path,
    served: Servable,
    expected: Sequence[warm_up.Request],
) -> Verification:
    """Compares a written SavedModel with the network, by both loaders, and looks into its graph.

    Args:
        saved_model: The folder, warm-up requests included.
        served: What is served.
        expected: The requests that the warm-up file was written from.

    Returns:
        What was found.

    Raises:
        Failure: The SavedModel does not answer as the network does, answers what it should
            refuse, aborts, or depends on more than the request.
    """
    tolerance = TOLERANCES[served.network.dtype_policy.compute_dtype]
    tolerance *= 1 if served.class_names else _OF_NUMBERS
    operations = graph_check.check(saved_model)
    written = warm_up.read(saved_model)
    if [each.signature for each in written] != [each.signature for each in expected]:
        raise Failure("the warm-up requests cannot be read back as they were written")
    loaded = tf.saved_model.load(str(saved_model))
    differences: dict[str, float] = {}
    other_classes = 0
    for request, original in zip(written, expected, strict=True):
        signature = loaded.signatures[request.signature]
        inputs = {name: tf.constant(value) for name, value in request.inputs.items()}
        answer = {name: value.numpy() for name, value in signature(**inputs).items()}
        before = differences.get(request.signature, 0.0)
        differences[request.signature] = max(before, original.difference(answer))
        other_classes += original.disagreements(answer, tolerance)
    _refuse("Python's loader", differences, other_classes, tolerance)
    tried = cpp_loader.attempt(saved_model, served.most_images, tolerance)
    if tried:
        _refuse("TensorFlow's C++ loader", tried.differences, tried.other_classes, tolerance)
    sizes = (len(next(iter(each.inputs.values()))) for each in written)
    return Verification(
        batch_sizes=tuple(dict.fromkeys(sizes)),
        tolerance=tolerance,
        differences=differences,
        cpp_differences=tried.differences if tried else None,
        malformed_refused=tried.refused if tried else 0,
        operations=operations,
    )


def _answers(served: Served, images: np.ndarray) -> dict[str, np.ndarray]:
    """What the network says of images of its own size."""

    @tf.function
    def logits_of(batch: tf.Tensor) -> tf.Tensor:
        return served.network(served.normalization(batch), training=False)

    logits = logits_of(tf.constant(images))
    class_id = tf.argmax(logits, axis=-1).numpy()
    return {
        "class_id": class_id,
        "class_name": np.array([served.class_names[k].encode() for k in class_id], object),
        "probabilities": tf.nn.softmax(logits).numpy(),
        "logits": logits.numpy(),
    }


def _sizes(served: Served, examples: int) -> list[int]:
    most = min(served.most_images, examples)
    return sorted({min(size, most) for size in BATCH_SIZES})


def _refuse(
    loader: str, differences: Mapping[str, float], other_classes: int, tolerance: float
) -> None:
    for signature, difference in differences.items():
        if not difference <= tolerance:
            raise Failure(
                f"the written SavedModel does not answer as the network does: by {loader}, "
                f"probabilities of {signature} differ by {difference:.2e}, more than "
                f"{tolerance:.0e}"
            )
    if other_classes:
        raise Failure(
            "the written SavedModel does not answer as the network does: by "
            f"{loader}, {other_classes} images get another class"
        )
