# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How cells are stacked: positions, channels, resolutions, strides."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.space import STEMS, Skeleton, stem_convolutions
from tests.space.strategies import skeletons

CIFAR = {"num_cells": 8, "init_channels": 16, "num_classes": 10, "image_shape": (32, 32, 3)}


@pytest.mark.parametrize(
    ("num_cells", "expected"),
    [(1, (0,)), (2, (0, 1)), (3, (1, 2)), (4, (1, 2)), (8, (2, 5)), (14, (4, 9)), (20, (6, 13))],
)
def test_reduction_cells_stand_at_one_and_two_thirds(num_cells, expected):
    skeleton = Skeleton(**{**CIFAR, "num_cells": num_cells})
    assert skeleton.reduction_indices == expected
    plans = skeleton.plan(4)
    assert tuple(plan.index for plan in plans if plan.kind == "reduction") == expected
    assert [plan.index for plan in plans] == list(range(num_cells))


def test_the_plan_of_the_papers_search():
    plans = Skeleton(**CIFAR).plan(4)
    assert [plan.channels for plan in plans] == [16, 16, 32, 32, 32, 64, 64, 64]
    assert [plan.output_channels for plan in plans] == [64, 64, 128, 128, 128, 256, 256, 256]
    assert [plan.resolution[0] for plan in plans] == [32, 32, 16, 16, 16, 8, 8, 8]
    assert [plan.input_channels for plan in plans[:4]] == [(48, 48), (48, 64), (64, 64), (64, 128)]
    assert [plan.preprocess_strides[0] for plan in plans] == [1, 1, 1, 2, 1, 1, 2, 1]
    assert all(plan.preprocess_strides[1] == 1 for plan in plans)


def test_the_plan_behind_the_imagenet_stem():
    skeleton = Skeleton(
        num_cells=14,
        init_channels=48,
        num_classes=1000,
        image_shape=(224, 224, 3),
        stem="imagenet",
    )
    plans = skeleton.plan(4)
    assert plans[0].input_channels == (48, 48)
    assert plans[0].input_resolutions == ((56, 56), (28, 28))
    assert plans[0].preprocess_strides == (2, 1)
    assert [plan.resolution[0] for plan in plans] == [28] * 4 + [14] * 5 + [7] * 5


def test_only_edges_from_the_inputs_of_a_reduction_cell_are_strided():
    for plan in Skeleton(**CIFAR).plan(4):
        stride = 2 if plan.kind == "reduction" else 1
        assert plan.stride == stride
        assert [plan.edge_stride(source) for source in range(5)] == [stride, stride, 1, 1, 1]
        for source in range(5):
            expected = plan.input_resolutions[1] if source < 2 else plan.resolution
            assert plan.edge_resolution(source) == expected


def test_odd_resolutions_round_up():
    skeleton = Skeleton(**{**CIFAR, "num_cells": 3, "image_shape": (7, 5, 1)})
    plans = skeleton.plan(2)
    assert [plan.resolution for plan in plans] == [(7, 5), (4, 3), (2, 2)]
    assert [plan.resolution_in for plan in plans] == [(7, 5), (7, 5), (4, 3)]
    assert [plan.preprocess_strides for plan in plans] == [(1, 1), (1, 1), (2, 1)]
    one_pixel = Skeleton(**{**CIFAR, "image_shape": (1, 1, 3)}).plan(4)
    assert all(plan.resolution == (1, 1) for plan in one_pixel)
    assert all(plan.preprocess_strides == (1, 1) for plan in one_pixel)


@given(skeletons(most_cells=12), st.integers(1, 5))
def test_every_cell_takes_what_the_cells_before_it_give(skeleton, num_nodes):
    plans = skeleton.plan(num_nodes)
    channels = skeleton.init_channels
    for index, plan in enumerate(plans):
        channels *= 2 if plan.kind == "reduction" else 1
        assert plan.channels == channels and plan.output_channels == num_nodes * channels
        if index >= 1:
            before = plans[index - 1]
            assert plan.input_channels[1] == before.output_channels
            assert plan.input_resolutions[1] == before.resolution
        if index >= 2:
            assert plan.input_channels[0] == plans[index - 2].output_channels
            assert plan.input_resolutions[0] == plans[index - 2].resolution
        halved = tuple(-(-size // 2) for size in plan.input_resolutions[0])
        expected = halved if plan.preprocess_strides[0] == 2 else plan.input_resolutions[0]
        assert plan.resolution_in == expected
        with pytest.raises(dataclasses.FrozenInstanceError):
            plan.channels = 1


def test_stems():
    (convolution,) = stem_convolutions("cifar", 16)
    assert (convolution.channels, convolution.stride, convolution.activated) == (48, 1, False)
    described = [
        (plan.channels, plan.stride, plan.activated) for plan in stem_convolutions("imagenet", 48)
    ]
    assert described == [(24, 2, False), (48, 2, True), (48, 2, True)]
    assert STEMS == ("cifar", "imagenet", "plain")
    (plain,) = stem_convolutions("plain", 16)
    assert (plain.channels, plain.stride, plain.activated) == (16, 1, False)


@pytest.mark.parametrize("name", ["num_cells", "init_channels", "num_classes"])
@pytest.mark.parametrize("value", [0, -2, 2.0, "8", None, True])
def test_a_wrong_number_is_refused_by_name(name, value):
    with pytest.raises(InvalidInput) as caught:
        Skeleton(**{**CIFAR, name: value})
    assert f"`{name}`" in str(caught.value) and repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("init_channels", 5, "must be even: given 5"),
        ("image_shape", (32, 32), r"\(height, width, channels\): given \(32, 32\)"),
        ("image_shape", (32, 32, 0), "three positive whole numbers"),
        ("image_shape", (32, 32.0, 3), "three positive whole numbers"),
        ("image_shape", (None, None, 3), "three positive whole numbers"),
        ("image_shape", None, "three positive whole numbers"),
        ("image_shape", 32, "three positive whole numbers"),
        ("image_shape", (True, 32, 3), "three positive whole numbers"),
        ("stem", "mnist", "must be one of cifar, imagenet, plain: given 'mnist'"),
    ],
)
def test_other_wrong_values_are_refused_by_name(name, value, words):
    with pytest.raises(InvalidInput, match=f"`{name}` .*{words}"):
        Skeleton(**{**CIFAR, name: value})


@given(skeletons())
def test_config_round_trip_through_json(skeleton):
    restored = Skeleton.from_config(json.loads(json.dumps(skeleton.get_config())))
    assert restored == skeleton and hash(restored) == hash(skeleton)


def test_it_is_a_value():
    skeleton = Skeleton(**{**CIFAR, "image_shape": [32, 32, 3]})
    assert skeleton == Skeleton(**CIFAR) and skeleton.image_shape == (32, 32, 3)
    assert len({skeleton, Skeleton(**CIFAR)}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        skeleton.num_cells = 4
