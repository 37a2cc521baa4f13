# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of ImageNet: built once at its full size, and counted."""

import numpy as np
import pytest

from snas_tf import ChildNetwork, space

SKELETON = space.Skeleton(
    num_cells=14,
    init_channels=48,
    num_classes=1000,
    image_shape=(224, 224, 3),
    stem="imagenet",
)


@pytest.fixture(scope="module")
def network():
    return ChildNetwork(space.PUBLISHED["SNAS_MILD"], SKELETON, auxiliary=True)


def _trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.slow
def test_it_has_the_parameters_of_the_cost_without_its_auxiliary_head(network):
    cost = space.cost(space.PUBLISHED["SNAS_MILD"], SKELETON)
    plain = network.without_auxiliary()
    assert _trainable(plain) == cost.parameters == 3_942_208
    assert round(cost.multiply_adds / 1e6) == 438
    answer = plain(np.zeros((1, *SKELETON.image_shape), np.float32), training=False)
    assert answer.shape == (1, 1000) and np.isfinite(answer).all()


def test_the_auxiliary_head_stands_on_7x7_and_has_its_own_weights(network):
    head = network.get_layer("auxiliary")
    channels = 4 * 4 * 48  # nodes of four times the first cells' channels
    assert head.input.shape == (None, 7, 7, channels)
    # 1x1 to 128 channels with BN, 2x2 to 768 without, a classifier with bias.
    parameters = channels * 128 + 2 * 128 + 4 * 128 * 768 + 768 * 1000 + 1000
    assert _trainable(head) == parameters
    assert _trainable(network) == 3_942_208 + parameters
    assert {name: answer.shape for name, answer in network.output.items()} == {
        "logits": (None, 1000),
        "auxiliary": (None, 1000),
    }


def test_the_stem_divides_by_eight_and_two_reductions_by_four():
    plans = SKELETON.plan(4)
    assert plans[0].input_resolutions == ((56, 56), (28, 28))
    assert [plan.resolution for plan in plans] == 4 * [(28, 28)] + 5 * [(14, 14)] + 5 * [(7, 7)]
