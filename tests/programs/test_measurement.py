# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is measured of a network is what its answers to the images say."""

import base64
import dataclasses
import io

import keras
import numpy as np
import pytest
from PIL import Image

from snas_tf import ChildNetwork, data, space
from snas_tf.fitting.ranking import Ranking
from snas_tf.programs import measurement
from snas_tf.reports import ClassResult, Confusion

RANKING = Ranking(
    labels=np.array([2, 0, 2]),
    ranks=np.array([0, 3, 1]),
    answers=np.array([2, 3, 0]),
    certainties=np.array([0.9, 0.5, 0.7]),
)

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(1, 2, "skip_connect"),),
        "reduction": (space.Connection(1, 2, "skip_connect"),),
    },
    num_nodes=1,
)


@pytest.fixture(scope="module")
def images():
    return data.load("digits", validation_fraction=0.2, seed=0)


@pytest.fixture
def network(images):
    sizes = {"num_cells": 1, "init_channels": 2, "image_shape": images.image_shape}
    return ChildNetwork(GENOTYPE, space.Skeleton(num_classes=10, **sizes))


def answers(network, images, split):
    logits = network.predict(data.normalization(images)(split.images), verbose=0)
    return np.argsort(-logits, axis=-1), split.labels


@pytest.mark.slow
def test_a_network_on_test_images(network, images):
    result = measurement.on_test("mine", network, images, batch_size=100, repetitions=2)
    order, labels = answers(network, images, images.test)
    assert (result.name, result.split, result.count) == ("mine", "test", images.test.size)
    assert result.accuracy == (order[:, 0] == labels).mean()
    assert result.top_5_accuracy == (order[:, :5] == labels[:, None]).any(-1).mean()
    assert 0 < result.accuracy < result.top_5_accuracy < 1
    assert result.cost == space.cost(GENOTYPE, network.skeleton)
    assert 0 < result.latency < 10_000
    for label, of_class in enumerate(result.classes):
        mine = labels == label
        right = int((order[mine, 0] == label).sum())
        expected = ClassResult(name=images.class_names[label], right=right, count=int(mine.sum()))
        assert of_class == expected
    assert len(result.classes) == 10


@pytest.mark.slow
def test_a_network_on_validation_images(network, images):
    result = measurement.on_validation("mine", network, images, batch_size=64)
    order, labels = answers(network, images, images.validation)
    assert (result.split, result.count) == ("validation", images.validation.size)
    assert result.accuracy == (order[:, 0] == labels).mean()
    assert result.top_5_accuracy == (order[:, :5] == labels[:, None]).any(-1).mean()
    assert result.classes == () and result.latency is None


def test_a_class_without_images_is_left_out():
    found = measurement.by_class(RANKING, ("ant", "bee", "cat", "dog"))
    assert found == (
        ClassResult(name="ant", right=0, count=1),
        ClassResult(name="cat", right=1, count=2),
    )


def test_what_is_confused_is_counted_pair_by_pair_the_most_frequent_first():
    names = ("ant", "bee", "cat", "dog")
    found = measurement.confusions(RANKING, names)
    assert found == (
        Confusion(right="ant", answered="dog", count=1),
        Confusion(right="cat", answered="ant", count=1),
    )
    twice = Ranking(*(np.concatenate([part, part[1:2]]) for part in RANKING))
    assert measurement.confusions(twice, names)[0] == dataclasses.replace(found[0], count=2)


@pytest.mark.slow
def test_mistakes_are_those_images_of_which_the_network_is_surest(network, images):
    found = measurement.mistakes(network, images, batch_size=100)
    logits = network.predict(data.normalization(images)(images.test.images), verbose=0)
    sure = keras.ops.convert_to_numpy(keras.ops.softmax(logits)).max(axis=1)
    wrong = logits.argmax(axis=1) != images.test.labels
    assert len(found) == min(16, wrong.sum()) > 0
    certainties = [mistake.certainty for mistake in found]
    assert certainties == sorted(certainties, reverse=True)
    np.testing.assert_allclose(certainties, np.sort(sure[wrong])[::-1][: len(found)], rtol=1e-4)
    (place,) = np.flatnonzero(wrong & (sure == sure[wrong].max()))
    assert found[0].right == images.class_names[images.test.labels[place]]
    assert found[0].answered == images.class_names[logits[place].argmax()]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[0].picture))))
    np.testing.assert_array_equal(shown, images.test.images[place][..., 0])
