# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What changes over a search is a function of the step, which is saved."""

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.search.schedules import SHAPES, Change, Gate, check, is_constant, value_at

shapes = pytest.mark.parametrize("shape", SHAPES)
LINE = keras.optimizers.schedules.PolynomialDecay


def values(schedule, *steps):
    return [float(schedule(tf.constant(step, tf.int64))) for step in steps]


@shapes
@hypothesis.given(
    ends=st.tuples(st.floats(1e-3, 10), st.floats(1e-3, 10)),
    steps=st.integers(2, 1000),
    start=st.integers(0, 1000),
)
@hypothesis.settings(max_examples=25)
def test_a_change_leads_from_its_first_value_to_its_last_and_stays_between(
    shape, ends, steps, start
):
    change = Change(*ends, steps, shape, start)
    first, last = ends
    told = values(change, 0, start, start + steps - 1, start + steps + 7)
    rounding = 1e-6 * max(ends)
    np.testing.assert_allclose(told, [first, first, last, last], rtol=1e-6, atol=rounding)
    (between,) = values(change, start + steps // 2)
    assert min(ends) - rounding <= between <= max(ends) + rounding


def test_the_shapes_half_way():
    """Of the closed forms: the arithmetic mean twice, and the geometric one."""
    halves = [values(Change(1.0, 0.04, 11, shape), 5)[0] for shape in SHAPES]
    np.testing.assert_allclose(halves, [0.52, 0.52, 0.2], rtol=1e-6)
    (quarter,) = values(Change(0.0, 1.0, 9, "cosine"), 2)
    assert quarter == pytest.approx((1 - np.cos(np.pi / 4)) / 2, rel=1e-6)


@hypothesis.given(st.integers(1, 300), st.integers(0, 400))
@hypothesis.settings(max_examples=50)
def test_a_line_is_that_of_keras_to_the_bit(steps, step):
    """Searches of before had Keras's, and are the same still."""
    kerass = LINE(1.0, max(steps - 1, 1), 0.03)
    assert values(Change(1.0, 0.03, steps), step) == values(kerass, step)


def test_a_gate_is_open_in_between():
    assert values(Gate(2, 4), *range(6)) == [0, 0, 1, 1, 0, 0]
    assert values(Gate(1), 0, 1, 10**12) == [0, 1, 1]
    assert values(Gate(), 0) == [1]


@pytest.mark.parametrize("made", [Change(1.0, 0.5, 7, "cosine", 3), Gate(2, 5), Gate()])
def test_they_are_saved_as_keras_saves_schedules(made):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made))
    assert type(again) is type(made) and again.get_config() == made.get_config()
    assert values(again, *range(12)) == values(made, *range(12))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Change(1.0, 0.0, 0), "`steps` must be a whole number, at least 1: given 0"),
        (lambda: Change(1.0, 0.0, 2.0), "`steps` must be a whole number"),
        (lambda: Change(1.0, 0.0, 2, start=-1), "`start` must be a whole number, at least 0"),
        (lambda: Change(1.0, 0.0, 2, "steep"), "`shape` must be one of linear, .* given 'steep'"),
        (lambda: Change(1.0, 0.0, 2, "exponential"), "positive where the shape is exponential"),
        (lambda: Gate(3, 2), "the first at most the second: given 3 and 2"),
        (lambda: Gate(True), "numbers of steps"),
    ],
)
def test_what_is_no_schedule_is_refused(make, words):
    with pytest.raises(InvalidInput, match=words):
        make()


def test_a_number_is_a_schedule_too():
    assert float(value_at(0.25, tf.constant(9))) == 0.25
    assert float(value_at(Gate(2), tf.constant(2))) == 1.0
    assert is_constant(0, 0) and is_constant(1.0) and not is_constant(0.5)
    assert not is_constant(Gate())


def test_the_first_value_of_a_schedule_is_checked_as_a_number_is():
    def positive(number):
        return number > 0

    check("rate", np.float32(0.5), "positive", positive)
    check("rate", Change(0.1, 0.0, 3), "positive", positive)
    for wrong, told in (
        (0, "0"),
        (True, "True"),
        ("1", "'1'"),
        (Change(0.0, 1.0, 3), "a schedule that begins with 0.0"),
    ):
        with pytest.raises(ValueError, match=f"`rate` must be positive. Received: {told}"):
            check("rate", wrong, "positive", positive)
