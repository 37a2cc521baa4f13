# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A network as a plain Keras model: Keras's own layers, and nothing of this package.

The names of the classes and the genotype travel within the model. A functional model has no room
for words of its own, and a custom layer would need this package. They stand in the config of one of
Keras's layers, a `Dropout` of rate 0 named "metadata" behind the input, as its seed, which Keras
neither reads nor checks at that rate: an identity that is saved, loaded, cloned and nested as all
layers are.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.networks.plain_operations import PlainOperations
from snas_tf.version import __version__

if TYPE_CHECKING:
    from snas_tf.networks.image_network import ImageNetwork

METADATA = "metadata"
"""The layer whose seed is what is known of the network."""


def to_keras(
    child: ImageNetwork,
    *,
    mean: Sequence[float] | None = None,
    deviation: Sequence[float] | None = None,
    unit: float = 255.0,
    class_names: Sequence[str] | None = None,
    origin: str | None = None,
    classifier_activation: str | None = None,
    input_shape: tuple[int | None, int | None, int] | None = None,
    dtype: str = "float32",
    name: str = "network",
) -> keras.Model:
    """Writes a child network in Keras's own layers alone, its weights inside.

    It answers as the child does, saves, loads on any backend without this package, is trained,
    frozen, cut and nested as any functional model: "features" is the layer before the head,
    "classifier" the head. Auxiliary head and drop path, which help a training alone, are left
    out, and so is what leads to no output: an input of a cell that no edge uses. What is frozen in
    the child is frozen here.

    Args:
        child: The network.
        mean: Mean of each channel of pixel / 255 by which the child's input was normalised,
            (channels,). With it the model takes raw pixels in [0, 255], uint8 or float, and
            normalises by itself; None for a model that takes what the child takes.
        deviation: Standard deviation of each channel of pixel / 255, positive, (channels,); with
            `mean`.
        unit: What raw inputs are divided by before; 255 of pixels, 1 of measurements.
        class_names: Name of each class, (classes,), for `metadata`.
        origin: Where the weights come from, for `metadata`.
        classifier_activation: As in `keras.applications`: None for logits, as the child answers and
            losses with `from_logits=True` take them, or "softmax" for probabilities.
        input_shape: (height, width, channels) of the images, by default those of the skeleton.
            Height and width may be others, or None for any, where no layer depends on them.
        dtype: Dtype policy of all layers but the head, which is float32. By default weights and
            arithmetic are float32 also where the child computes in bfloat16.
        name: Name of the model.

    Returns:
        A functional model, not compiled: images (batch, height, width, channels) to float32
        (batch, classes).

    Raises:
        ValueError: Means, deviations, names or channels do not fit the child.
    """
    skeleton = child.skeleton
    shape = tuple(skeleton.image_shape if input_shape is None else input_shape)
    _check(skeleton, shape, mean, deviation, class_names)
    operations = PlainOperations(dtype)
    images = keras.Input(shape, dtype=_taken(child.inputs[0].dtype), name="images")
    told = _describe(child, mean, deviation, class_names, origin, classifier_activation)
    tensor = keras.layers.Dropout(0.0, seed=told, name=METADATA, dtype="float32")(images)
    if mean is not None:
        name = "normalization"
        if name in {layer.name for layer in child.layers}:  # of the user's own model
            name = "normalization_of_images"
        tensor = _normalization(mean, deviation, unit, name)(tensor)
    outputs = child.plain_outputs(operations, tensor, classifier_activation)
    return keras.Model(images, outputs, name=name)


def _taken(dtype: str) -> str:
    """What a plain model takes where the child takes a dtype: any width of numbers, or names."""
    return "int32" if dtype.startswith("int") else "float32"


def _normalization(
    mean: Sequence[float], deviation: Sequence[float], unit: float, name: str
) -> keras.layers.Layer:
    """From raw pixels or measurements to what the child takes."""
    return keras.layers.Normalization(
        axis=-1,
        mean=[unit * value for value in mean],
        variance=[(unit * value) ** 2 for value in deviation],
        name=name,
        dtype="float32",
    )


def metadata(network: keras.Model | str | os.PathLike[str]) -> dict[str, Any]:
    """What a plain network knows of itself, also where it is a part of another model.

    Args:
        network: The model, or a .keras file, which is not loaded.

    Returns:
        "class_names", "mean", "deviation" and "origin", as given; "genotype", as in genotype.json;
        "skeleton"; "output", which is "logits" or the activation; and "snas_tf", the version that
        wrote it.

    Raises:
        InvalidInput: The file cannot be read, or nothing of it is a plain network of this package.
    """
    if isinstance(network, keras.Model):
        config = json.loads(network.to_json())
        place = repr(network.name)
    else:
        config, place = _config(epath.Path(network)), os.fspath(network)
    for layer in _layers(config):
        if layer.get("name") == METADATA and isinstance(layer.get("seed"), dict):
            return layer["seed"]
    raise InvalidInput(
        f"the network must be one that snas_tf wrote in Keras's own layers: given {place}, which "
        f"has no layer {METADATA!r}; do take network.keras of a run, or what to_keras() gave"
    )


def _check(
    skeleton: Any,
    shape: tuple[int | None, ...],
    mean: Sequence[float] | None,
    deviation: Sequence[float] | None,
    class_names: Sequence[str] | None,
) -> None:
    *others, channels = skeleton.image_shape
    if len(shape) != len(others) + 1 or shape[-1] != channels:
        axes = "height, width" if len(others) == 2 else ", ".join(map(str, others))
        raise ValueError(
            f"`input_shape` must be ({axes}, {channels}), as many channels as the child "
            f"takes. Received: {shape}."
        )
    if (mean is None) != (deviation is None):
        raise ValueError(
            "`mean` and `deviation` must be given together. "
            f"Received: mean={mean}, deviation={deviation}."
        )
    for argument, values in (("mean", mean), ("deviation", deviation)):
        if values is not None and len(values) != channels:
            raise ValueError(
                f"`{argument}` must have {channels} values, one a channel. Received: {values}."
            )
    if deviation is not None and min(deviation) <= 0:
        raise ValueError(f"`deviation` must be positive. Received: {deviation}.")
    if class_names is not None and len(class_names) != skeleton.num_classes:
        raise ValueError(
            f"`class_names` must have {skeleton.num_classes} names, one a class. "
            f"Received: {len(class_names)}."
        )


def _describe(
    child: ImageNetwork,
    mean: Sequence[float] | None,
    deviation: Sequence[float] | None,
    class_names: Sequence[str] | None,
    origin: str | None,
    activation: str | None,
) -> dict[str, Any]:
    """All that `metadata` answers, plain data."""
    return {
        "class_names": None if class_names is None else [str(name) for name in class_names],
        "mean": None if mean is None else [float(value) for value in mean],
        "deviation": None if deviation is None else [float(value) for value in deviation],
        "origin": origin,
        "output": activation or "logits",
        "genotype": json.loads(child.genotype.to_json()),
        "skeleton": child.skeleton.get_config(),
        "snas_tf": __version__,
    }


def _config(path: epath.Path) -> Any:
    """The config of the model in a .keras file.

    Raises:
        InvalidInput: It cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return json.loads(archive.read("config.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        cause = getattr(error, "strerror", None) or "it is damaged, or of another format"
        raise InvalidInput(f"a network must be a .keras file: given {path} ({cause})") from error


def _layers(config: Any) -> Iterator[dict[str, Any]]:
    """The config of every layer in that of a model, however deep."""
    if isinstance(config, dict):
        if isinstance(config.get("config"), dict) and "class_name" in config:
            yield config["config"]
        for value in config.values():
            yield from _layers(value)
    elif isinstance(config, list):
        for value in config:
            yield from _layers(value)
