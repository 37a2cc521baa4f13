# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every batch is used once, in its order, by any number of steps in a call and of replicas."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.training.step_functions import DistributedModel

STEPS, EPOCHS = 7, 2


class Recorder(DistributedModel):
    """Writes down the numbers of the batches that it saw, as the digits of one number."""

    synchronized_batch_norm = False

    def __init__(self):
        super().__init__()
        self.seen, self.evaluated = (
            self.add_weight(
                shape=(),
                dtype="int64",
                initializer="zeros",
                trainable=False,
                aggregation="only_first_replica",
                name=name,
            )
            for name in ("seen", "evaluated")
        )
        self.built = True

    def call(self, inputs):
        return inputs

    def train_step(self, data):
        return self._record(self.seen, data)

    def test_step(self, data):
        return self._record(self.evaluated, data)

    def _record(self, variable, data):
        numbers, _, weights = keras.utils.unpack_x_y_sample_weight(data)
        assert weights is None
        variable.assign(10 * variable + numbers[0])
        return {"number": tf.cast(numbers[0], tf.float32)}

    def forward_and_backward(self):
        """No part of what is tested."""


class Blocks(keras.callbacks.Callback):
    """The first step of every call, epoch by epoch, and what it reported."""

    def on_train_begin(self, logs=None):
        self.blocks = []

    def on_epoch_begin(self, epoch, logs=None):
        self.blocks.append([])

    def on_train_batch_end(self, batch, logs=None):
        self.blocks[-1].append(float(logs["number"]))


def compiled(steps_per_execution, strategy=None, **kwargs):
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = Recorder()
        model.compile("sgd", steps_per_execution=steps_per_execution, **kwargs)
        model.compile_pass(False, model)
    return model


def numbered(first, last):
    """Batches of two examples that hold the number of the batch."""
    numbers = np.arange(first, last + 1, dtype="int64").repeat(2)
    return tf.data.Dataset.from_tensor_slices(numbers).batch(2)


def of_unknown_length(dataset):
    return dataset.filter(lambda numbers: True)


def left_out(dataset):
    """As a generator, which gives no labels and no weights."""
    for batch in dataset.as_numpy_iterator():
        yield batch, None, None


EPOCH = numbered(1, STEPS)
TWICE = EPOCH.repeat(EPOCHS)
DATA = {
    "an epoch at a time": (lambda: EPOCH, None),
    "all epochs in a row": (lambda: TWICE, STEPS),
    "more than is asked for": (lambda: TWICE.concatenate(numbered(9, 9)), STEPS),
    "for ever": (lambda: EPOCH.repeat(), STEPS),
    "of unknown length": (lambda: of_unknown_length(EPOCH), None),
    "of unknown length in a row": (lambda: of_unknown_length(TWICE), STEPS),
    "a generator": (lambda: left_out(TWICE), STEPS),
}


@pytest.mark.parametrize("steps_per_execution", [1, 3, 20])
@pytest.mark.parametrize("name", DATA)
def test_every_batch_is_used_once(name, steps_per_execution):
    """Keras would take 9 batches for an epoch of 7 with 3 in a call, and lose 2 of the next."""
    make, steps = DATA[name]
    model, blocks = compiled(steps_per_execution), Blocks()
    model.fit(make(), epochs=EPOCHS, steps_per_epoch=steps, verbose=0, callbacks=[blocks])
    assert str(model.seen.numpy()) == "1234567" * EPOCHS
    ends = {1: [1, 2, 3, 4, 5, 6, 7], 3: [3, 6, 7], 20: [7]}[steps_per_execution]
    assert blocks.blocks == [ends] * EPOCHS


@pytest.mark.parametrize("name", ["an epoch at a time", "all epochs in a row", "of unknown length"])
def test_on_two_replicas_too(name, two_replicas):
    """There Keras's own loop dies inside TensorFlow."""
    make, steps = DATA[name]
    model = compiled(3, two_replicas)
    model.fit(make(), epochs=EPOCHS, steps_per_epoch=steps, verbose=0)
    assert str(model.seen.numpy()) == "1234567" * EPOCHS


def test_eagerly_too():
    model = compiled(3, run_eagerly=True)
    model.fit(TWICE, epochs=EPOCHS, steps_per_epoch=STEPS, verbose=0)
    assert str(model.seen.numpy()) == "1234567" * EPOCHS


@pytest.mark.parametrize("steps", [None, 5])
def test_an_evaluation_uses_every_batch_once(steps, two_replicas):
    for strategy in (None, two_replicas):
        model = compiled(3, strategy)
        model.fit(
            TWICE,
            epochs=EPOCHS,
            steps_per_epoch=STEPS,
            validation_data=EPOCH,
            validation_steps=steps,
            verbose=0,
        )
        assert str(model.evaluated.numpy()) == "1234567"[:steps] * EPOCHS
        assert str(model.seen.numpy()) == "1234567" * EPOCHS
        logs = model.evaluate(EPOCH, steps=steps, verbose=0, return_dict=True)
        assert logs["number"] == (steps or STEPS)


def test_an_evaluation_amid_an_epoch_changes_nothing_of_it():
    model = compiled(3)
    evaluate = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: model.evaluate(EPOCH, verbose=0)
    )
    model.fit(TWICE, epochs=EPOCHS, steps_per_epoch=STEPS, verbose=0, callbacks=[evaluate])
    assert str(model.seen.numpy()) == "1234567" * EPOCHS


def test_goes_on_in_the_middle_of_an_epoch():
    model = compiled(3)
    model.fit(numbered(4, 7), epochs=1, steps_per_epoch=4, verbose=0)
    model.fit(TWICE, initial_epoch=1, epochs=3, steps_per_epoch=STEPS, verbose=0)
    assert str(model.seen.numpy()) == "4567" + "1234567" * 2


def test_a_training_that_is_stopped_can_be_fitted_again():
    model = compiled(3)

    def stop(batch, logs):
        model.stop_training = True

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=stop)
    model.fit(EPOCH, epochs=EPOCHS, verbose=0, callbacks=[callback])
    model.fit(EPOCH, epochs=1, verbose=0)
    assert str(model.seen.numpy()) == "123" + "1234567"


def test_too_few_batches_are_all_used():
    model = compiled(3)
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(of_unknown_length(numbered(1, 5)), steps_per_epoch=STEPS, verbose=0)
    assert str(model.seen.numpy()) == "12345"


@pytest.mark.parametrize("several", [False, True])
def test_a_batch_alone(several, two_replicas):
    model = compiled(3, two_replicas if several else None)
    assert model.train_on_batch(np.array([4, 4]), return_dict=True) == {"number": 4.0}
    assert model.test_on_batch(np.array([5, 5]), return_dict=True) == {"number": 5.0}
    assert (model.seen.numpy(), model.evaluated.numpy()) == (4, 5)


def test_the_loop_is_traced_once_for_blocks_of_all_lengths(two_replicas):
    model = compiled(3, two_replicas)
    traces = []
    record = model._record
    model._record = lambda *arguments: traces.append(1) or record(*arguments)
    model.fit(TWICE, epochs=EPOCHS, steps_per_epoch=STEPS, verbose=0)
    assert len(traces) == two_replicas.num_replicas_in_sync


@pytest.mark.parametrize("first", ["fit", "evaluate"])
def test_a_step_is_traced_once_although_its_metrics_make_variables(first):
    traced = []

    class Measuring(Recorder):
        def _record(self, variable, data):
            traced.append(variable)
            numbers, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
            return self.compute_metrics(numbers, labels, numbers)

    model = Measuring()
    model.compile("sgd", metrics=["mae"])
    model.compile_pass(False, model)
    pairs = tf.data.Dataset.from_tensor_slices(([[1.0], [2.0], [3.0]], [[0.0], [0.0], [0.0]]))
    for name in {first: None, "fit": None, "evaluate": None}:
        found = getattr(model, name)(pairs.batch(2), verbose=0)
        mean = found[-1] if name == "evaluate" else found.history["mae"][-1]
        assert mean == pytest.approx(2.0)
    assert traced == [model.seen, model.evaluated] or traced == [model.evaluated, model.seen]
