# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Between two steps: a look at the loss, a checkpoint in time, an ear for requests."""

import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.fitting.checkpoint import Checkpoints
from snas_tf.fitting.generation import Position
from snas_tf.fitting.save_progress import SaveProgress
from snas_tf.machine.cluster import Cluster
from snas_tf.machine.interruption import Interrupted, Request
from snas_tf.machine.workers import Workers

STEPS = 4
NEVER = 1e9


def network(learning_rate=0.01):
    keras.utils.set_random_seed(0)
    layers = [keras.Input((3,)), keras.layers.Dense(2, name="dense")]
    model = keras.Sequential(layers, name="network")
    sgd = keras.optimizers.SGD(learning_rate, momentum=0.5, name="sgd")
    model.compile(sgd, "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def examples(rng):
    images, answers = rng.normal(size=(8 * STEPS, 3)), rng.normal(size=(8 * STEPS, 2))
    return tf.data.Dataset.from_tensor_slices((images, answers)).batch(8)


class Run:
    """A run in a folder that can be begun several times, as the same command is."""

    def __init__(self, folder, *, seconds=NEVER):
        self.folder, self.seconds = folder, seconds
        self.request = Request()

    def fit(self, model, examples, *callbacks, epochs=2):
        checkpoints = Checkpoints(self.folder / "checkpoints", "train")
        progress = checkpoints.load(model)
        save = SaveProgress(
            progress,
            checkpoints,
            self.folder / "metrics.csv",
            steps_per_epoch=STEPS,
            seconds=self.seconds,
            workers=Workers(Cluster(), tf.distribute.get_strategy()),
            request=self.request,
        )
        position = progress.position
        if position.steps:
            model.evaluate(examples.take(1), verbose=0)  # builds the metrics
            rest = examples.skip(position.steps)
            model.fit(
                rest,
                verbose=0,
                initial_epoch=position.epochs,
                epochs=position.epochs + 1,
                callbacks=[*callbacks, save],
            )
            position = Position(position.epochs + 1)
        if position.epochs < epochs:
            settings = {"initial_epoch": position.epochs, "epochs": epochs}
            model.fit(examples, verbose=0, callbacks=[*callbacks, save], **settings)
        return progress.history

    @property
    def checkpoints(self):
        return sorted(path.name for path in (self.folder / "checkpoints").glob("*"))


class At(keras.callbacks.Callback):
    """Does something at a step, counted over all epochs."""

    def __init__(self, step, action):
        super().__init__()
        self.step, self.action = step, action

    def on_train_batch_begin(self, batch, logs=None):
        if self.step == 0:
            self.action()
        self.step -= 1


def ask(run, number=signal.SIGTERM):
    return lambda: setattr(run.request, "number", number)


def test_every_epoch_is_recorded_and_saved(tmp_path, examples):
    run = Run(tmp_path)
    history = run.fit(network(), examples, epochs=3)
    assert [row["epoch"] for row in history.rows] == [1, 2, 3]
    assert {"loss", "mae"} < history.rows[0].keys()
    assert run.checkpoints == ["train-00002", "train-00003"]
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 4


def test_within_an_epoch_a_checkpoint_is_written_when_it_is_time(tmp_path, examples):
    run = Run(tmp_path, seconds=1e-9)
    run.fit(network(), examples, epochs=1)
    assert run.checkpoints == ["train-00000-0000003", "train-00001"]  # none at the last step


@pytest.mark.slow
@pytest.mark.parametrize("step", range(2 * STEPS))
def test_a_request_is_heeded_at_any_step_and_the_run_goes_on_to_the_same_bits(
    tmp_path, examples, step
):
    alone = network()
    uninterrupted = Run(tmp_path / "alone").fit(alone, examples)
    run = Run(tmp_path / "asked")
    with pytest.raises(Interrupted) as ended:
        run.fit(network(), examples, At(step, ask(run)))
    assert ended.value.number == signal.SIGTERM
    epochs, steps = divmod(step + 1, STEPS)
    name = f"train-{epochs:05d}" + (f"-{steps:07d}" if steps else "")
    assert run.checkpoints[-1] == name and name in ended.value.saved
    run.request.number = 0
    again = network()
    history = run.fit(again, examples)
    assert history.rows == uninterrupted.rows
    for left, right in zip(alone.weights, again.weights, strict=True):
        np.testing.assert_array_equal(left, right)
    one, other = (tmp_path / name / "metrics.csv" for name in ("alone", "asked"))
    assert one.read_bytes() == other.read_bytes()


def test_a_loss_that_is_no_number_stops_with_what_is_safe(tmp_path, examples):
    model, run = network(), Run(tmp_path)

    def spoil():
        model.layers[0].kernel.assign(np.full((3, 2), np.nan))

    with pytest.raises(Failure) as told:
        run.fit(model, examples, At(STEPS + 1, spoil))
    for part in (
        "the loss is nan at step 2 of epoch 2",
        "finite values: loss",
        "train-00001 (after",
    ):
        assert part in str(told.value)
    assert run.checkpoints == ["train-00001"]


@pytest.mark.parametrize("name", ["network/dense/bias", "sgd/network_dense_bias_momentum"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_variable_that_is_not_finite_is_never_saved(tmp_path, examples, name, value):
    model, run = network(), Run(tmp_path, seconds=1e-9)
    (variable,) = (v for v in (*model.variables, *model.optimizer.variables) if v.path == name)

    class Spoil(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            variable.assign([value, 0.0])

    told = f"the variable {name} is no number or infinite at step 1 of epoch 1"
    with pytest.raises(Failure, match=told):
        run.fit(model, examples, Spoil())
    assert run.checkpoints == []
