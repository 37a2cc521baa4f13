# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What may be switched on in a search's step does just that, and goes on to the bit."""

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from snas_tf.search import Change, Gate, Perturbation
from snas_tf.search.drop_path import dropped
from snas_tf.search.perturbation import adversarial_shift, random_shift
from tests.search.small_models import TINY, as_arrays, batches_of, build_compiled, digits, state

BATCH = 8
EAGERLY = {"run_eagerly": True}
KIND = "reduction"
"""The kind of the tiny network's only cell."""

ALL = {
    "temperature": Change(1.0, 0.1, 5, "exponential"),
    "resource_weight": Change(0.0, 0.5, 5),
    "drop_path": Change(0.0, 0.5, 6),
    "label_smoothing": Change(0.2, 0.0, 6, "cosine"),
    "perturbation": Perturbation(Change(0.0, 0.3, 5), "adversarial"),
    "gate": Gate(0, 5),
    "warmup_steps": 1,
}
"""Everything at once, each by a schedule."""


def sgd():
    return {"architecture_optimizer": keras.optimizers.SGD(1.0)}


def searched(compile_with=None, **arguments):
    settings = {"logits": 0.5, "temperature": 1.0, **TINY, **arguments}
    return build_compiled(compile_with={**EAGERLY, **(compile_with or {})}, **settings)


def step(model, number=0):
    """One step on a batch of its own; gives back what it reported."""
    images, labels = digits(number * BATCH, (number + 1) * BATCH)
    return model.train_on_batch(images, labels, return_dict=True)


def moved(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def numpy(variables):
    return [variable.numpy() for variable in variables]


# === Drop path ===


@hypothesis.given(rate=st.floats(0.0, 0.9), seed=st.integers(0, 2**30))
@hypothesis.settings(max_examples=20)
def test_a_row_is_whole_or_not_there_and_its_mean_is_itself(rate, seed):
    rows = tf.random.stateless_uniform((20_000, 3), (1, 2))
    kept = dropped({"rows": rows}, tf.constant(rate, tf.float32), tf.constant([seed, 5]))["rows"]
    factors = kept.numpy() / rows.numpy()
    np.testing.assert_allclose(factors, np.repeat(factors[:, :1], 3, axis=1), rtol=1e-5)
    there = factors[:, 0] > 0
    np.testing.assert_allclose(factors[there], 1 / (1 - rate), rtol=1e-5)
    deviation = np.sqrt(rate / (1 - rate) / len(factors))
    assert abs(factors[:, 0].mean() - 1) <= 5 * deviation + 1e-6
    if rate == 0:
        np.testing.assert_array_equal(kept, rows)


def test_each_decision_drops_rows_of_its_own():
    rows = tf.ones((400, 2))
    kept = dropped({"one": rows, "other": rows}, tf.constant(0.5), tf.constant([1, 2]))
    one, other = (kept[name].numpy()[:, 0] > 0 for name in ("one", "other"))
    assert 0.35 < (one == other).mean() < 0.65


@pytest.mark.parametrize("estimator", ["concrete", "score_function"])
def test_a_dropped_row_learns_nothing_in_that_step(estimator):
    model = searched(estimator=estimator, drop_path=0.5, compile_with=sgd())
    told = set()
    for number in range(6):
        before = as_arrays(model.architecture.logits)[KIND]
        ones = {name: tf.ones(rows.shape) for name, rows in model.architecture.logits.items()}
        there = model._drop_rows(ones)[KIND].numpy()[:, 0] > 0
        step(model, number)
        learnt = (as_arrays(model.architecture.logits)[KIND] != before).any(axis=1)
        assert not (learnt & ~there).any()
        told |= {*zip(there.tolist(), learnt.tolist(), strict=True)}
    assert {(True, True), (False, False)} <= told


def test_nothing_is_dropped_where_nothing_is_learnt():
    images, labels = digits(0, 32)
    evaluated = [
        searched(drop_path=rate).evaluate(images, labels, sampled=True, verbose=0)
        for rate in (0.0, 0.9)
    ]
    assert evaluated[0] == evaluated[1]


# === Perturbation ===


def test_a_random_shift_is_uniform_and_no_longer_than_its_size():
    zeros = {"one": tf.zeros((5000, 2)), "other": tf.zeros((5000, 2))}
    shift = random_shift(zeros, tf.constant(0.3), tf.constant([1, 2]))
    for rows in shift.values():
        assert np.abs(rows).max() <= 0.3
        assert abs(np.mean(rows)) < 0.01 and abs(np.std(rows) - 0.3 / 3**0.5) < 0.005
    assert not np.allclose(shift["one"], shift["other"])


@hypothesis.given(st.lists(st.floats(-3, 3, width=32), min_size=2, max_size=6), st.floats(0, 2))
@hypothesis.settings(max_examples=30)
def test_no_shift_of_its_size_raises_a_linear_loss_more(slopes, size):
    """sum_k g^k d^k with |d^k| <= size is at most size sum_k |g^k|."""
    gradient = tf.constant([slopes])
    shift = adversarial_shift({"rows": gradient}, tf.constant(size, tf.float32))["rows"]
    risen = float(tf.reduce_sum(shift * gradient))
    np.testing.assert_allclose(risen, size * np.abs(slopes).sum(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("estimator", ["concrete", "softmax"])
def test_an_adversarial_step_raises_the_loss_of_its_batch_on_the_simplex(estimator):
    model = searched(estimator=estimator, perturbation=Perturbation(0.05, "adversarial"))
    images, labels = digits(0, 64)
    turn = model._turn()
    shift = model._shift((images, labels, None), turn)
    there = model.architecture.shifted(shift)
    back = model.architecture.shifted({name: -rows for name, rows in shift.items()})
    losses = []
    for distribution in (back, model.architecture, there):
        samples = model._draw_for_training(turn.warm, distribution)
        for rows in samples.values():
            assert float(tf.reduce_min(rows)) >= 0
            np.testing.assert_allclose(tf.reduce_sum(rows, axis=-1), 1.0, rtol=1e-5)
        losses.append(float(model.forward_and_backward(images, labels, None, samples)[0]))
    assert losses[0] < losses[1] < losses[2]


@pytest.mark.parametrize("kind", ["random", "adversarial"])
def test_a_step_beside_the_logits_is_that_of_other_logits(kind):
    """Weights and logits move as those of a search do that stands there."""
    beside = searched(perturbation=Perturbation(0.4, kind), compile_with=sgd())
    images, labels = digits(0, BATCH)
    shift = beside._shift((images, labels, None), beside._turn())
    there = searched(compile_with=sgd())
    before = as_arrays(there.architecture.logits)
    for name, logits in there.architecture.logits.items():
        logits.assign_add(shift[name])
    if kind == "adversarial":  # which passes the batch twice
        for variable, other in zip(
            there.supernet.non_trainable_variables,
            beside.supernet.non_trainable_variables,
            strict=True,
        ):
            variable.assign(other)
    for model in (beside, there):
        step(model)
    for one, two in zip(
        beside.supernet.trainable_variables, there.supernet.trainable_variables, strict=True
    ):
        np.testing.assert_allclose(one, two, atol=2e-6)
    moves = as_arrays(beside.architecture.logits)[KIND] - before[KIND]
    moves_there = as_arrays(there.architecture.logits)[KIND] - before[KIND] - shift[KIND].numpy()
    assert np.abs(moves).max() > 1e-4
    np.testing.assert_allclose(moves, moves_there, atol=2e-6)


def test_without_a_size_nothing_is_perturbed():
    plain, beside = searched(), searched(perturbation=Perturbation(0.0))
    for model in (plain, beside):
        step(model)
    assert not any(moved(state(plain), state(beside)))


def test_a_perturbation_of_no_kind_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of random, adversarial: given 'hard'"):
        Perturbation(0.1, "hard")
    with pytest.raises(ValueError, match="`size` must be finite and not negative. Received: -1"):
        Perturbation(-1)
    with pytest.raises(ValueError, match="`perturbation` must be a Perturbation, or None"):
        searched(perturbation=0.3)


# === Label smoothing ===


def test_a_step_follows_the_loss_of_smoothed_labels_and_an_evaluation_does_not():
    images, labels = digits(0, BATCH)
    smooth, plain = (searched(estimator="softmax", label_smoothing=s) for s in (0.3, 0.0))
    samples = smooth.draw(tf.constant([1, 2]))
    told = [
        float(model.forward_and_backward(images, labels, None, samples)[0])
        for model in (smooth, plain)
    ]
    logits = plain.supernet(images, samples, training=True)
    cross_entropy = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    expected = float(cross_entropy(keras.ops.one_hot(labels, 10), logits))
    assert told[0] == pytest.approx(expected, rel=1e-5) and told[0] != pytest.approx(told[1])
    for model in (smooth, plain):
        model.supernet.set_weights(searched().supernet.get_weights())
    evaluated = [model.evaluate(images, labels, verbose=0)[0] for model in (smooth, plain)]
    assert evaluated[0] == evaluated[1]


def test_labels_of_no_class_are_not_smoothed():
    model = searched(label_smoothing=0.1, compile_with={"loss": "mean_squared_error"})
    with pytest.raises(ValueError, match="`label_smoothing` must be 0 with a loss that is no"):
        step(model)


# === The gate, and all schedules ===


def test_a_closed_gate_holds_the_logits_to_the_bit_under_samples_of_their_own():
    adam = keras.optimizers.AdamW(0.05, weight_decay=0.1)
    model = searched(
        gate=Gate(1, 2), estimator="straight_through", compile_with={"architecture_optimizer": adam}
    )
    for number, opened in enumerate((False, True, False)):
        logits = numpy((*model.architecture.variables, *adam.variables))
        weights = numpy(model.supernet.trainable_variables)
        drawn = model._draw_for_training(model._turn().warm)[KIND].numpy()
        assert {*np.unique(drawn)} == {0.0, 1.0}
        step(model, number)
        now = numpy((*model.architecture.variables, *adam.variables))
        assert any(moved(logits, now)) == opened
        assert any(moved(weights, numpy(model.supernet.trainable_variables)))


def test_every_step_reports_what_its_schedules_gave():
    model = searched(**ALL)
    told = [step(model, number) for number in range(4)]
    learnt = [max(number - ALL["warmup_steps"], 0) for number in range(4)]
    for name, schedule, steps in (
        ("temperature", ALL["temperature"], learnt),
        ("resource_weight", ALL["resource_weight"], learnt),
        ("perturbation", ALL["perturbation"].size, learnt),
        ("drop_path", ALL["drop_path"], range(4)),
        ("label_smoothing", ALL["label_smoothing"], range(4)),
    ):
        expected = [float(schedule(tf.constant(number, tf.int64))) for number in steps]
        assert [float(logs[name]) for logs in told] == expected, name
    assert not {"drop_path", "resource_weight"} & step(searched(drop_path=0.1)).keys()


def test_stopped_and_saved_a_search_with_every_schedule_goes_on_to_the_bit(tmp_path):
    whole, stopped = searched(**ALL), searched(**ALL)
    for number in range(6):
        step(whole, number)
    for number in range(3):
        step(stopped, number)
    stopped.save(tmp_path / "search.keras")
    resumed = keras.models.load_model(tmp_path / "search.keras")
    assert resumed.get_config() == stopped.get_config()
    for number in range(3, 6):
        step(resumed, number)
    assert not any(moved(state(whole), state(resumed)))


def test_two_replicas_of_one_batch_are_one_device(two_replicas):
    """Each has the whole batch, so that their statistics are those of one."""
    arguments = {**ALL, "warmup_steps": 0, "shared_samples": True}
    one = searched(**arguments)
    with two_replicas.scope():
        two = searched(**arguments, compile_with={"run_eagerly": False})
    for number in range(2):
        images, labels = digits(number * BATCH, (number + 1) * BATCH)
        one.fit(batches_of(BATCH, images, labels), verbose=0)
        twice = np.concatenate([images] * 2), np.concatenate([labels] * 2)
        two.fit(batches_of(2 * BATCH, *twice), verbose=0)
    for a, b in zip(state(one), state(two), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)
