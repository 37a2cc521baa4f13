# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two levels: weights and logits learn by turns, and who waits stays as it is, to the bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.search import Gate, Perturbation
from snas_tf.search.turns import steps_of_weights, turn_of
from tests.search.small_models import TINY, batches_of, build_compiled, digits, state

BATCH, WARM = 8, 1
TWO_LEVELS = {
    "logits": 0.5,
    "temperature": 1.0,
    "resource_weight": 0.2,
    "warmup_steps": WARM,
    "bilevel": True,
    **TINY,
}


def searched(run_eagerly=True, **arguments):
    adam = keras.optimizers.AdamW(0.05, weight_decay=0.1)
    compile_with = {"architecture_optimizer": adam, "run_eagerly": run_eagerly}
    return build_compiled(compile_with=compile_with, **{**TWO_LEVELS, **arguments})


def fit(model, start, stop):
    images, labels = digits(start * BATCH, stop * BATCH)
    model.fit(batches_of(BATCH, images, labels), verbose=0)


def parts(model):
    """What each of the two owns, with all that its optimizer remembers."""
    both = model.optimizer
    return [
        [variable.numpy() for variable in (*own, *optimizer.variables)]
        for own, optimizer in (
            (model.supernet.trainable_variables, both.weights_optimizer),
            (model.architecture.variables, both.logits_optimizer),
        )
    ]


def any_moved(before, after):
    return any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("estimator", ["concrete", "softmax", "dirichlet", "score_function"])
def test_by_turns_one_learns_and_the_other_stays_to_the_bit(estimator):
    model = searched(estimator=estimator)
    for number, weights_learn in enumerate((True, False, True, False)):
        before = parts(model)
        fit(model, number, number + 1)
        moved = [any_moved(*pair) for pair in zip(before, parts(model), strict=True)]
        assert moved == [weights_learn, not weights_learn]
    assert model.optimizer.weights_optimizer.iterations.numpy() == 2
    assert model.optimizer.logits_optimizer.iterations.numpy() == 2
    assert model.step.numpy() == 4


def test_only_the_weights_learn_beside_the_logits():
    model = searched(perturbation=Perturbation(0.2), warmup_steps=0)
    batch = (*digits(0, BATCH), None)
    assert all(not np.any(rows) for rows in model._shift(batch, model._turn()).values())
    model.step.assign(1)
    assert all(np.any(rows) for rows in model._shift(batch, model._turn()).values())


@pytest.mark.parametrize("warmup_steps", [0, 1, 4, 9])
def test_the_weights_steps_are_counted(warmup_steps):
    for steps in range(1, 10):
        turns = [turn_of(tf.constant(step), warmup_steps, 1.0, True) for step in range(steps)]
        learn = [not bool(turn.holds_weights) for turn in turns]
        assert sum(learn) == steps_of_weights(steps, warmup_steps, True)
        together = turn_of(tf.constant(0), warmup_steps, 1.0, False)
        assert together.holds_weights is None and steps_of_weights(steps, warmup_steps, False) == (
            steps
        )


def test_whoever_never_waits_costs_nothing():
    turn = turn_of(tf.constant(3), 0, 1.0, False)
    assert (turn.warm, turn.holds_weights, turn.holds_logits) == (None, None, None)
    assert bool(turn_of(tf.constant(3), 0, Gate(0, 2), False).holds_logits)


def test_saved_between_two_turns_the_search_goes_on_to_the_bit(tmp_path):
    whole, stopped = searched(), searched()
    fit(whole, 0, 5)
    fit(stopped, 0, 2)
    stopped.save(tmp_path / "search.keras")
    resumed = keras.models.load_model(tmp_path / "search.keras")
    assert resumed.bilevel is True
    fit(resumed, 2, 5)
    assert not any_moved(state(whole), state(resumed))


def test_replicas_wait_too(two_replicas):
    with two_replicas.scope():
        model = searched(run_eagerly=False, warmup_steps=0)
    for number, weights_learn in enumerate((False, True)):
        before = parts(model)
        fit(model, number, number + 1)
        moved = [any_moved(*pair) for pair in zip(before, parts(model), strict=True)]
        assert moved == [weights_learn, not weights_learn]


def test_a_level_is_no_number():
    with pytest.raises(ValueError, match="`bilevel` must be true or false. Received: 1"):
        searched(bilevel=1)
