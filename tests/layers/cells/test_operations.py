# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the conformance suite does not see: channels, initial weights and what is refused."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.layers import (
    DilatedConvolution,
    FactorizedReduction,
    SeparableConvolution,
    SkipConnection,
    candidate_operation,
)
from snas_tf.layers.edge_operation import uniform_initializer
from tests import numpy_operations


@pytest.mark.parametrize(("size", "channels"), [((8, 6), 6), ((7, 5), 2)])
def test_a_factorized_reduction_may_change_the_channels(size, channels, rng):
    images = rng.normal(size=(3, *size, 4)).astype("float32")
    layer = FactorizedReduction(channels)
    (output,) = layer(images, training=True)
    weights = {weight.name: weight.numpy() for weight in layer.weights}
    expected = numpy_operations.operation("skip_connect", images, weights, stride=2)
    np.testing.assert_allclose(output, expected, atol=1e-4)
    assert output.shape[-1] == channels
    assert layer.compute_output_shape(images.shape) == [tuple(output.shape)]


def test_an_impossible_factorized_reduction_is_refused():
    with pytest.raises(ValueError, match="has stride 2. Received: 1"):
        FactorizedReduction(stride=1)
    with pytest.raises(ValueError, match="`channels` must be even. Received: 5"):
        FactorizedReduction(5)


@pytest.mark.parametrize("fan_in", [9, 25, 100])
def test_weights_start_uniform_by_their_fan_in(fan_in):
    values = np.array(uniform_initializer(fan_in)((10_000,)))
    bound = fan_in**-0.5
    assert np.abs(values).max() <= bound
    np.testing.assert_allclose(values.std(), bound / 3**0.5, rtol=0.03)


@pytest.mark.parametrize(
    ("operation", "stride", "expected"),
    [
        ("skip_connect", 1, SkipConnection),
        ("skip_connect", 2, FactorizedReduction),
        ("sep_conv_5x5", 1, SeparableConvolution),
        ("dil_conv_3x3", 2, DilatedConvolution),
    ],
)
def test_the_layer_of_a_primitive(operation, stride, expected):
    layer = candidate_operation(operation, stride=stride, num_edges=2, affine=False, name="mine")
    assert type(layer) is expected
    assert (layer.stride, layer.num_edges, layer.affine, layer.name) == (stride, 2, False, "mine")


@pytest.mark.parametrize("operation", space.OPERATIONS)
@pytest.mark.parametrize("stride", [1, 2])
def test_config_round_trip(operation, stride):
    layer = candidate_operation(operation, stride=stride, num_edges=3, affine=False)
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


def test_an_unknown_primitive_is_refused():
    with pytest.raises(InvalidInput, match="`operation` must be one of .*given 'conv_7x7'"):
        candidate_operation("conv_7x7")
