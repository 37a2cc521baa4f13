# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What fails in a pipeline is told in one line, through Keras too."""

import keras
import pytest
import tensorflow as tf

from snas_tf import data
from snas_tf.data import splits
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import Failure, InvalidInput

IDENTITY = keras.layers.Rescaling(1.0)


@pytest.fixture
def train(tmp_path, write_images, monkeypatch):
    """A split that is decoded in the pipeline, one of whose files is damaged within."""
    for name in "ab":
        write_images(tmp_path / name, 5)
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 0)
    train = data.load(f"folder:{tmp_path}").train
    damage(train.paths[-1])
    return train


def damage(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 32] = bytes(32)
    path.write_bytes(content)


def told(error, path):
    message = str(error.value)
    assert (
        f"cannot read '{path}' (damaged within, or a rare kind of PNG); do replace or remove"
        in message
    )
    assert "\n" not in message
    return message


def test_an_image_that_fails_is_named_and_what_to_do_is_said(train):
    dataset = data.evaluation_dataset(train, batch_size=3, normalization=IDENTITY)
    with pytest.raises(Failure) as error, named_images():
        list(dataset)
    message = told(error, train.paths[-1])
    assert message.startswith("`data.source` must hold readable")
    assert "run the same command again" in message and "--overwrite" in message


def test_before_a_run_it_is_wrong_input(train):
    dataset = data.evaluation_dataset(train, batch_size=3, normalization=IDENTITY)
    with pytest.raises(InvalidInput) as error, named_images(InvalidInput):
        list(dataset)
    assert told(error, train.paths[-1]).endswith("do replace or remove the file")


def test_it_is_named_in_the_middle_of_fit_again_and_again(train):
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    dataset = data.evaluation_dataset(train, batch_size=3, normalization=IDENTITY)

    @named_images()
    def learn():
        model.fit(dataset, verbose=0)

    for _ in range(2):
        with pytest.raises(Failure) as error:
            learn()
        told(error, train.paths[-1])


def test_an_image_of_another_size_is_named(tmp_path, train, write_images):
    write_images(tmp_path / "b", 5, size=(9, 7), seed=3)
    dataset = data.evaluation_dataset(train, batch_size=9, normalization=IDENTITY)
    with pytest.raises(Failure, match="`data.image_size` must be given.*has 9x7") as error:
        with named_images():
            list(dataset)
    assert "--overwrite" not in str(error.value)


def test_an_image_that_fails_when_a_data_set_is_loaded_is_wrong_input(tmp_path, train):
    with pytest.raises(InvalidInput) as error:
        data.load(f"folder:{tmp_path}")
    told(error, train.paths[-1])


def test_other_errors_pass():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible|incompatible"):
        with named_images():
            tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
    with pytest.raises(KeyError), named_images():
        raise KeyError("other")
