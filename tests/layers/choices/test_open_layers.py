# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Layers that leave something open: their options are built and compared at once."""

import keras
import numpy as np
import pytest
from keras import layers

from snas_tf import Choice, InputChoice, Repeat
from snas_tf.errors import InvalidInput


def test_options_of_other_shapes_are_all_named():
    choice = Choice({"wide": layers.Dense(8), "flat": layers.Dense(4), "same": layers.Identity()})
    with pytest.raises(InvalidInput, match=r"wide .*, 8\).*flat .*, 4\).*same .*, 3\)"):
        choice(keras.Input((3,)))
    with pytest.raises(InvalidInput, match="one shape"):
        Choice([layers.Dense(8), layers.Dense(4)])(np.zeros((2, 3), "float32"))


def test_all_options_are_built_at_the_first_call():
    for call in (lambda x: x, lambda x: np.zeros((2, 3), "float32")):
        choice = Choice([layers.Dense(4), layers.Dense(4)])
        choice(call(keras.Input((3,))))
        assert len(choice.weights) == 4


def test_a_list_of_options_has_stable_names():
    choice = Choice([layers.Conv2D(4, 3), layers.Identity()], name="step")
    assert choice.options == ("conv2d_0", "identity_1")
    assert choice.decision == "step"


def test_the_mask_goes_through_what_takes_it_and_the_rest_is_refused():
    x = layers.Embedding(5, 4, mask_zero=True)(keras.Input((3,), dtype="int32"))
    memory = Choice({"gru": layers.GRU(4, return_sequences=True), "skip": layers.Identity()})
    tokens = keras.Input((3,), dtype="int32")
    embedding = layers.Embedding(5, 4, mask_zero=True)
    model = keras.Model(tokens, layers.GlobalAveragePooling1D()(memory(embedding(tokens))))
    answers = model(np.array([[1, 2, 0], [1, 2, 3]]))
    row = np.array([1.0, 0.0], "float32")
    masked = memory(embedding(np.array([[1, 2, 0], [1, 2, 3]])), row=row)
    np.testing.assert_allclose(layers.GlobalAveragePooling1D()(masked), answers, atol=1e-6)
    with pytest.raises(InvalidInput, match="conv, by_hand do not"):
        Choice({"conv": layers.Conv1D(4, 3), "by_hand": layers.Conv1D(4, 3)})(x)


def test_what_is_open_is_not_put_into_each_other():
    with pytest.raises(InvalidInput, match="must leave nothing open itself: given 'inner'"):
        Choice([keras.Sequential([Choice([layers.Dense(4)], name="inner")])])
    with pytest.raises(InvalidInput, match="must leave nothing open itself: given 'inner'"):
        Repeat(Choice([layers.Dense(4)], name="inner"), 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Choice({}), "at least one"),
        (lambda: Choice({"a": "relu"}), "must be a Keras layer"),
        (lambda: InputChoice(2, take=3), "1 to 2"),
        (lambda: InputChoice(["a", "a"]), "different names"),
        (lambda: InputChoice(3)([keras.Input((2,))] * 2), "3 inputs 0, 1, 2: given 2"),
        (lambda: Repeat(layers.Dense(3)), "`times`"),
        (lambda: Repeat([layers.Dense(3)], least=2), "0 to 1"),
        (lambda: Repeat(layers.Dense(3), 2)(keras.Input((2,))), "one shape"),
        (lambda: Choice([layers.Discretization([0.0])])(keras.Input((2,))), "floating-point"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(make, message):
    with pytest.raises(InvalidInput, match=message) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_a_repetition_computes_the_first_blocks():
    blocks = [layers.Rescaling(1.0, offset=10.0**place) for place in range(3)]
    repeat = Repeat(blocks, least=1)
    x = np.zeros((1, 1), "float32")
    assert repeat.options == ("3", "2", "1")
    answers = [float(repeat(x, row=row).numpy()[0, 0]) for row in np.eye(3, dtype="float32")]
    assert answers == [111.0, 11.0, 1.0]


def test_copies_of_a_block_start_differently():
    repeat = Repeat(layers.Dense(3, name="block"), 2)
    repeat(keras.Input((3,)))
    first, second = (block.kernel.numpy() for block in repeat.blocks)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(("join", "expected"), [("add", 5.0), ("average", 2.5)])
def test_a_choice_of_inputs_joins_those_it_takes(join, expected):
    choice = InputChoice(["a", "b", "c"], take=2, join=join)
    assert choice.options == ("a+b", "a+c", "b+c")
    inputs = [np.full((1, 1), value, "float32") for value in (1, 2, 4)]
    row = np.array([0.0, 1.0, 0.0], "float32")
    assert float(choice(inputs, row=row).numpy()[0, 0]) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice({"a": layers.Dense(3), "b": layers.Identity()}, decision="x", name="one"),
        lambda: Repeat(layers.Dense(3), 2, least=1, name="two"),
    ],
)
def test_it_is_restored_from_its_config(make):
    layer = make()
    again = type(layer).from_config(layer.get_config())
    assert (again.options, again.decision, again.name) == (
        layer.options,
        layer.decision,
        layer.name,
    )
    x = np.ones((2, 3), "float32")
    layer(x), again(x)
    again.set_weights(layer.get_weights())
    row = np.full(len(layer.options), 0.5, "float32")
    np.testing.assert_array_equal(layer(x, row=row), again(x, row=row))
