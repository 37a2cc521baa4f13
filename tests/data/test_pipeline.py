# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The pipeline: every batch follows from (seed, epoch, batch), and from nothing else."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import data
from snas_tf.errors import InvalidInput

ALL = data.Augmentation(crop_padding=2, flip=True, cutout=3)
IMAGENET = data.Augmentation(flip=True, random_resized_crop=True, color_jitter=0.4)
IDENTITY = keras.layers.Rescaling(1.0)


@pytest.fixture
def image_data(array_split):
    return data.ImageData(
        name="numbers",
        image_shape=array_split.image_shape,
        class_names=("a", "b", "c", "d"),
        mean=(0.25, 0.5),
        deviation=(0.5, 0.125),
        train=array_split,
        validation=array_split,
        test=array_split,
    )


def _batches(
    split, *, seed=3, augmentation=ALL, first_epoch=0, first_step=0, epochs=2, batch_size=12
):
    dataset = data.training_dataset(
        split,
        batch_size=batch_size,
        seed=seed,
        augmentation=augmentation,
        normalization=IDENTITY,
        first_epoch=first_epoch,
        first_step=first_step,
        epochs=epochs,
    )
    return list(dataset.as_numpy_iterator())


def _numbers(batches):
    """Which of the split's images are in the batches."""
    return np.concatenate([images[:, 0, 0, 0] for images, _ in batches]).astype(int)


def _assert_equal(first, second):
    assert len(first) == len(second) > 0
    for (images, labels), (other_images, other_labels) in zip(first, second, strict=True):
        np.testing.assert_array_equal(images, other_images)
        np.testing.assert_array_equal(labels, other_labels)


@pytest.mark.parametrize("first_step", [1, 2])
def test_an_epoch_that_goes_on_in_its_middle_gives_the_rest_of_it(array_split, first_step):
    whole = _batches(array_split, epochs=3)
    steps = data.steps_per_epoch(array_split, 12)
    rest = _batches(array_split, first_epoch=1, first_step=first_step, epochs=3)
    _assert_equal(rest, whole[steps + first_step :])


def test_a_first_step_beyond_the_epoch_is_refused(array_split):
    steps = data.steps_per_epoch(array_split, 12)
    for first_step in (-1, steps):
        with pytest.raises(InvalidInput, match=f"below the {steps} steps.*given {first_step}"):
            _batches(array_split, first_step=first_step)


def test_an_epoch_is_a_permutation(array_split):
    batches = _batches(array_split, augmentation=data.Augmentation(), batch_size=10)
    first, second = _numbers(batches[:4]), _numbers(batches[4:])
    for epoch in (first, second):
        np.testing.assert_array_equal(np.sort(epoch), np.arange(40))
    assert (first != second).any()
    assert (first != np.arange(40)).any()
    for images, labels in batches:
        np.testing.assert_array_equal(images[:, 0, 0, 0] % 4, labels)
        for image in images:
            np.testing.assert_array_equal(image, array_split.images[int(image[0, 0, 0])])


def test_the_incomplete_batch_is_dropped_within_each_epoch(array_split):
    batches = _batches(array_split, augmentation=data.Augmentation())
    assert len(batches) == 2 * data.steps_per_epoch(array_split, 12) == 6
    for epoch in (batches[:3], batches[3:]):
        assert len(set(_numbers(epoch))) == 36


def test_shapes_types_and_number_of_batches_are_known(array_split):
    dataset = data.training_dataset(
        array_split,
        batch_size=12,
        seed=0,
        augmentation=ALL,
        normalization=IDENTITY,
        first_epoch=1,
        epochs=5,
    )
    images, labels = dataset.element_spec
    assert (images.shape, images.dtype) == ((12, 6, 5, 2), tf.float32)
    assert (labels.shape, labels.dtype) == ((12,), tf.int32)
    assert dataset.cardinality() == 12


@pytest.fixture
def rgb_split():
    images = np.random.default_rng(1).integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
    return data.ArraySplit(images, np.arange(40) % 4)


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", [ALL, IMAGENET], ids=["cifar", "imagenet"])
@pytest.mark.parametrize("first_epoch", [1, 3])
def test_a_resumed_run_sees_what_an_uninterrupted_one_sees(rgb_split, first_epoch, augmentation):
    whole = _batches(rgb_split, epochs=4, augmentation=augmentation)
    resumed = _batches(rgb_split, first_epoch=first_epoch, epochs=4, augmentation=augmentation)
    _assert_equal(whole[3 * first_epoch :], resumed)


def test_same_seed_same_bits_whatever_the_global_seed(array_split):
    first = _batches(array_split)
    keras.utils.set_random_seed(99)
    _assert_equal(first, _batches(array_split))


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", [ALL, IMAGENET], ids=["cifar", "imagenet"])
def test_seeds_epochs_and_batches_differ(array_split, rgb_split, augmentation):
    constant = data.ArraySplit(np.full_like(rgb_split.images, (9, 90, 50)), rgb_split.labels)
    batches = [images for images, _ in _batches(constant, augmentation=augmentation)]
    batches += [images for images, _ in _batches(constant, augmentation=augmentation, seed=4)]
    for position, images in enumerate(batches):
        for other in batches[position + 1 :]:
            assert (images != other).any(), "no two batches are augmented alike"
    orders = [
        _numbers(_batches(array_split, seed=seed, augmentation=data.Augmentation()))
        for seed in (3, 4)
    ]
    assert (orders[0] != orders[1]).any()


def test_order_does_not_depend_on_the_augmentation(array_split):
    augmented, plain = (
        _batches(array_split),
        _batches(array_split, augmentation=data.Augmentation()),
    )
    for (_, labels), (_, plain_labels) in zip(augmented, plain, strict=True):
        np.testing.assert_array_equal(labels, plain_labels)


def test_each_augmentation_is_switched_by_its_own_setting(array_split):
    bright = data.ArraySplit(np.maximum(array_split.images, 1), array_split.labels)
    plain = _batches(bright, augmentation=data.Augmentation())
    for setting in ({"crop_padding": 2}, {"flip": True}, {"cutout": 3}):
        varied = _batches(bright, augmentation=data.Augmentation(**setting))
        assert any((a != b).any() for (a, _), (b, _) in zip(plain, varied, strict=True)), setting
        zeros = sum((images == 0).sum() for images, _ in varied)
        assert (zeros > 0) == (setting != {"flip": True})


def test_each_image_of_a_batch_has_a_part_and_colours_of_its_own(rgb_split):
    same = data.ArraySplit(np.repeat(rgb_split.images[:1], 40, axis=0), rgb_split.labels)
    for setting in ({"random_resized_crop": True}, {"color_jitter": 0.4}):
        ((images, _), *_) = _batches(same, augmentation=data.Augmentation(**setting))
        assert images.shape == (12, 6, 5, 3)
        assert len(np.unique(images.reshape(12, -1), axis=0)) > 9, setting


def test_random_parts_and_colours_reach_the_batches(rgb_split):
    plain = _batches(rgb_split, augmentation=data.Augmentation())
    for setting in ({"random_resized_crop": True}, {"color_jitter": 0.4}):
        varied = _batches(rgb_split, augmentation=data.Augmentation(**setting))
        for (images, labels), (others, other_labels) in zip(plain, varied, strict=True):
            assert (images != others).any((1, 2, 3)).mean() > 0.8, setting
            np.testing.assert_array_equal(labels, other_labels)


def test_colours_of_images_without_any_are_refused(array_split):
    with pytest.raises(InvalidInput, match="`data.color_jitter` must be 0.*2 channel"):
        _batches(array_split, augmentation=data.Augmentation(color_jitter=0.4))


def test_normalization_is_the_definition_under_every_policy(image_data):
    keras.config.set_dtype_policy("mixed_bfloat16")
    layer = data.normalization(image_data)
    normalized = layer(image_data.train.images)
    assert normalized.dtype == tf.float32
    expected = (image_data.train.images / 255 - [0.25, 0.5]) / [0.5, 0.125]
    np.testing.assert_allclose(normalized, expected, atol=1e-5)


def test_normalization_is_saved_with_a_network(image_data, tmp_path):
    inputs = keras.Input(image_data.image_shape, dtype="uint8")
    model = keras.Model(inputs, data.normalization(image_data)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images = image_data.train.images
    np.testing.assert_array_equal(loaded(images), model(images))


def test_cutout_blanks_to_the_mean(image_data):
    dataset = data.training_dataset(
        data.ArraySplit(np.full((20, 6, 5, 2), 255, np.uint8), np.zeros(20)),
        batch_size=20,
        seed=0,
        augmentation=data.Augmentation(cutout=3),
        normalization=data.normalization(image_data),
        epochs=1,
    )
    ((images, _),) = dataset.as_numpy_iterator()
    np.testing.assert_allclose(np.unique(images), [0, 1.5, 4], atol=1e-6)


def test_evaluation_keeps_the_order_and_the_last_batch(image_data):
    layer = data.normalization(image_data)
    dataset = data.evaluation_dataset(image_data.test, batch_size=12, normalization=layer)
    assert dataset.cardinality() == 4
    batches = list(dataset.as_numpy_iterator())
    assert [len(labels) for _, labels in batches] == [12, 12, 12, 4]
    images = np.concatenate([images for images, _ in batches])
    np.testing.assert_array_equal(images, layer(image_data.test.images))
    labels = np.concatenate([labels for _, labels in batches])
    np.testing.assert_array_equal(labels, image_data.test.labels)
    assert labels.dtype == np.int32


def test_two_replicas_share_each_batch(array_split, two_replicas):
    dataset = data.training_dataset(
        array_split,
        batch_size=12,
        seed=3,
        augmentation=ALL,
        normalization=IDENTITY,
        epochs=2,
    )
    expected = _batches(array_split)
    shared = iter(two_replicas.experimental_distribute_dataset(dataset))
    for images, _ in expected:
        halves = two_replicas.experimental_local_results(next(shared)[0])
        np.testing.assert_array_equal(np.concatenate(halves), images)


@pytest.mark.parametrize("batch_size", [0, -3, 41])
def test_batches_that_cannot_be_made_are_refused(array_split, batch_size):
    with pytest.raises(InvalidInput, match="data.batch_size"):
        data.steps_per_epoch(array_split, batch_size)
    with pytest.raises(InvalidInput, match="data.batch_size"):
        _batches(array_split, batch_size=batch_size)


def test_evaluation_batches_may_be_larger_than_the_split_but_not_empty(array_split):
    dataset = data.evaluation_dataset(array_split, batch_size=64, normalization=IDENTITY)
    assert [len(labels) for _, labels in dataset] == [40]
    with pytest.raises(InvalidInput, match="data.batch_size"):
        data.evaluation_dataset(array_split, batch_size=0, normalization=IDENTITY)


@pytest.mark.parametrize(("first_epoch", "epochs"), [(3, 2), (-1, 2)])
def test_epochs_out_of_order_are_refused(array_split, first_epoch, epochs):
    with pytest.raises(InvalidInput, match="`first_epoch`"):
        _batches(array_split, first_epoch=first_epoch, epochs=epochs)


@pytest.mark.parametrize("setting", [{"crop_padding": -1}, {"cutout": -2}])
def test_negative_pixels_are_refused(setting):
    with pytest.raises(InvalidInput, match=f"data.{next(iter(setting))}"):
        data.Augmentation(**setting)


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        ({"color_jitter": 1.1}, "`data.color_jitter` must be a strength between 0 and 1"),
        ({"color_jitter": float("nan")}, "given nan"),
        (
            {"crop_padding": 4, "random_resized_crop": True},
            "`data.crop_padding` must be 0 with `data.random_resized_crop`.*given 4",
        ),
    ],
)
def test_settings_that_make_no_augmentation_are_refused(settings, pattern):
    with pytest.raises(InvalidInput, match=pattern):
        data.Augmentation(**settings)
