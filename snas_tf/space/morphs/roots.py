# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Small networks from which a search by morphs begins."""

from __future__ import annotations

from snas_tf.errors import InvalidInput
from snas_tf.space import image_shape as shapes
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph
from snas_tf.space.morphs.layer_kinds import BN_MOMENTUM

FEATURES, CLASSIFIER = "features", "classifier"
"""What the layer before the head and the head are called in all networks of this package."""


def convolutional_root(
    image_shape: tuple[int, int, int],
    num_classes: int,
    *,
    num_blocks: int = 3,
    filters: int = 64,
    dropout: float = 0.25,
    dense_units: int = 0,
) -> LayerGraph:
    """The start of Auto-Keras: blocks of [convolution, BN, ReLU, max pooling], and a classifier.

    Args:
        image_shape: (height, width, channels).
        num_classes: Number of classes, at least 1.
        num_blocks: Number of convolutions, at least 1; images shrink to half behind each but the
            last, as long as 4 pixels are left.
        filters: Filters of each, at least 1.
        dropout: Rate before the classifier, in [0, 1).
        dense_units: Units of a dense layer with ReLU before the classifier (64 in Auto-Keras's
            code); 0 for none.

    Returns:
        The graph; its output are logits.

    Raises:
        InvalidInput: An argument is out of range.
    """
    numbers = {"num_classes": num_classes, "num_blocks": num_blocks, "filters": filters}
    for name, value in numbers.items():
        if type(value) is not int or value < 1:
            raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")
    if type(dense_units) is not int or dense_units < 0:
        raise InvalidInput(f"`dense_units` must be a whole number, at least 0: given {dense_units}")
    if not 0 <= dropout < 1:
        raise InvalidInput(f"`dropout` must be in [0, 1): given {dropout}")
    shape = shapes.checked(image_shape)
    layers = [Layer.of("images", "InputLayer", {"shape": list(shape)}, [])]

    def add(name: str, kind: str, **config: object) -> None:
        layers.append(Layer.of(name, kind, config, [layers[-1].name]))

    size = min(shape[:2])
    for block in range(1, num_blocks + 1):
        add(f"conv_{block}", "Conv2D", filters=filters, kernel_size=3, padding="same")
        add(f"normalization_{block}", "BatchNormalization", momentum=BN_MOMENTUM)
        add(f"relu_{block}", "ReLU")
        if block < num_blocks and size >= 4:
            add(f"pool_{block}", "MaxPooling2D", pool_size=2)
            size //= 2
    add(FEATURES, "GlobalAveragePooling2D")
    if dropout:
        add("dropout", "Dropout", rate=dropout)
    if dense_units:
        add("dense_1", "Dense", units=dense_units)
        add("dense_relu_1", "ReLU")
    add(CLASSIFIER, "Dense", units=num_classes)
    return LayerGraph(tuple(layers))


def dense_root(
    num_features: int, num_classes: int, *, num_layers: int = 2, units: int = 64
) -> LayerGraph:
    """A small network of tables: dense layers with ReLU, and a classifier.

    Args:
        num_features: Columns, at least 1.
        num_classes: Number of classes, or of outputs, at least 1.
        num_layers: Hidden layers, at least 1.
        units: Units of each, at least 1.

    Returns:
        The graph; its output has no activation.

    Raises:
        InvalidInput: An argument is out of range.
    """
    numbers = {
        "num_features": num_features,
        "num_classes": num_classes,
        "num_layers": num_layers,
        "units": units,
    }
    for name, value in numbers.items():
        if type(value) is not int or value < 1:
            raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")
    layers = [Layer.of("table", "InputLayer", {"shape": [num_features]}, [])]
    for number in range(1, num_layers + 1):
        dense = Layer.of(f"dense_{number}", "Dense", {"units": units}, [layers[-1].name])
        layers += [dense, Layer.of(f"relu_{number}", "ReLU", {}, [dense.name])]
    layers.append(Layer.of(CLASSIFIER, "Dense", {"units": num_classes}, [layers[-1].name]))
    return LayerGraph(tuple(layers))
