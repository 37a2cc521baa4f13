# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""First the weights alone: logits and their optimizer stay as they are, to the bit, until then."""

import keras
import numpy as np
import pytest

from snas_tf.search.estimators import ESTIMATORS
from snas_tf.seeds import stateless_seed
from tests.search.small_models import TINY, batches_of, build, build_compiled, digits, state

pytestmark = pytest.mark.slow

STEPS, BATCH = 3, 8
COOLING = keras.optimizers.schedules.PolynomialDecay(1.0, 3, 0.03)
EVERYTHING = {
    "logits": 0.5,
    "resource_weight": 0.3,
    "temperature": COOLING,
    "warmup_steps": STEPS,
    **TINY,
}

every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)


def searched(**arguments):
    """With all that might move logits: a cost, decay, momentum."""
    adam = keras.optimizers.AdamW(0.05, weight_decay=0.1, use_ema=True, ema_momentum=0.5)
    settings = {**EVERYTHING, **arguments}
    compile_with = {
        "architecture_optimizer": adam,
        "run_eagerly": True,
        **settings.pop("compile_with", {}),
    }
    return build_compiled(compile_with=compile_with, **settings)


def held(model):
    """What is to stay: logits, all of their optimizer's state, and the norms of their gradients."""
    variables = (
        *model.architecture.variables,
        *model.optimizer.logits_optimizer.variables,
        *model.gradient_norms.variables,
    )
    return [variable.numpy() for variable in variables]


def same(one, other):
    return [np.array_equal(a, b) for a, b in zip(one, other, strict=True)]


def fit(model, start, stop):
    """Steps `start` to `stop` of one stream of batches."""
    images, labels = digits(start * BATCH, stop * BATCH)
    model.fit(batches_of(BATCH, images, labels), verbose=0)


@every_estimator
def test_the_logits_stay_to_the_bit_and_then_move(estimator):
    model = searched(estimator=estimator)
    before, weights = held(model), [v.numpy() for v in model.supernet.trainable_variables]
    fit(model, 0, STEPS)
    assert all(same(before, held(model)))
    moved = same(weights, [v.numpy() for v in model.supernet.trainable_variables])
    assert not any(moved)
    assert model.optimizer.logits_optimizer.iterations.numpy() == 0
    fit(model, STEPS, STEPS + 1)
    logits = len(model.architecture.variables)
    assert not any(same(before[:logits], held(model)[:logits]))
    assert model.optimizer.logits_optimizer.iterations.numpy() == 1
    assert model.optimizer.weights_optimizer.iterations.numpy() == STEPS + 1


@every_estimator
def test_the_weights_learn_under_relaxed_samples_of_the_uniform_distribution(estimator):
    """The steps are those of `concrete` with equal logits that a rate of zero keeps."""
    model = searched(estimator=estimator)
    still = {"architecture_optimizer": keras.optimizers.SGD(0.0), "run_eagerly": True}
    twin = build_compiled(
        compile_with=still,
        **{**EVERYTHING, "logits": "zeros", "warmup_steps": 0},
    )
    twin.temperature = 1.0
    for variable, other in zip(twin.supernet.weights, model.supernet.weights, strict=True):
        variable.assign(other)
    for each in (model, twin):
        fit(each, 0, STEPS)
    for one, two in zip(model.supernet.weights, twin.supernet.weights, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


def test_the_temperature_begins_to_fall_when_the_logits_learn():
    model = searched()
    images, labels = digits(0, BATCH)
    told = [
        float(model.train_on_batch(images, labels, return_dict=True)["temperature"])
        for _ in range(STEPS + 4)
    ]
    assert told == [1.0] * STEPS + [float(COOLING(step)) for step in range(4)]


def test_after_it_the_rows_are_the_estimators_own():
    model = searched(estimator="straight_through")
    model.step.assign(STEPS)
    seed = stateless_seed(model.seed, 0, model.step)
    drawn = model._draw_for_training(model.step < model.warmup_steps)
    for name, rows in model.draw(seed).items():
        np.testing.assert_array_equal(drawn[name], rows)
    model.step.assign(STEPS - 1)
    warm = model._draw_for_training(model.step < model.warmup_steps)["reduction"].numpy()
    assert ((warm > 0) & (warm < 1)).all()


@every_estimator
def test_stopped_within_it_and_saved_the_search_goes_on_to_the_bit(estimator, tmp_path):
    whole = searched(estimator=estimator)
    fit(whole, 0, STEPS + 2)
    stopped = searched(estimator=estimator)
    fit(stopped, 0, STEPS - 1)
    stopped.save(tmp_path / "search.keras")
    resumed = keras.models.load_model(tmp_path / "search.keras")
    assert resumed.warmup_steps == STEPS
    fit(resumed, STEPS - 1, STEPS + 2)
    assert all(same(state(whole), state(resumed)))


@pytest.mark.parametrize("estimator", ["concrete", "score_function"])
def test_replicas_hold_the_logits_too(estimator, two_replicas):
    with two_replicas.scope():
        model = searched(estimator=estimator, compile_with={"run_eagerly": False})
    before = held(model)
    fit(model, 0, STEPS)
    assert all(same(before, held(model)))
    fit(model, STEPS, STEPS + 1)
    logits = len(model.architecture.variables)
    assert not any(same(before[:logits], held(model)[:logits]))
    for variable in model.architecture.variables:
        first, second = two_replicas.experimental_local_results(variable.value)
        np.testing.assert_array_equal(first, second)


def test_several_steps_in_a_call_cross_the_gate():
    one = searched()
    many = searched(compile_with={"run_eagerly": False, "steps_per_execution": STEPS + 2})
    for model in (one, many):
        fit(model, 0, STEPS + 2)
    for a, b in zip(state(one), state(many), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert many.optimizer.logits_optimizer.iterations.numpy() == 2


@pytest.mark.parametrize("steps", [-1, 2.0, True])
def test_other_numbers_of_steps_are_refused(steps):
    with pytest.raises(ValueError, match="`warmup_steps` must be a whole number, not negative"):
        build(warmup_steps=steps, **TINY)
