# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What `fit` and `evaluate` run: one step, or several in a call, on every replica and worker.

Keras's own functions fail where several devices or machines share a step: the loop behind
`steps_per_execution` on several CPUs, the look at the first batch where replicas got different
numbers of images, the logs of several workers. And an epoch whose number of steps is no multiple of
`steps_per_execution` takes steps from the next one.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from snas_tf import keras_internals
from snas_tf.errors import InvalidInput
from snas_tf.networks.float32 import Float32ByDefault, float32_by_default
from snas_tf.networks.searchable import meets_replicas
from snas_tf.training import replicas

_NO_IMAGE = (
    "A batch has fewer images than there are replicas; with `synchronized_batch_norm=True` each of "
    "them needs one. Use larger batches, and batch(..., drop_remainder=True)."
)


class DistributedModel(Float32ByDefault, keras_internals.HookedModel):
    """A Keras model that is trained and evaluated in the same way on any number of devices.

    The compiled loss must be a mean over images, which is Keras's default, if replicas are to get
    different numbers of them.

    A subclass has `train_step`, `test_step`, and `forward_and_backward`, which XLA may compile: its
    `train_step` calls it as `self._forward_and_backward`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._epochs: Callable[[], Any] = lambda: None
        self._fewest_images: int | None = None
        self._replicas_meet = False

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.compile`."""
        with float32_by_default():  # the mean of the losses too
            super().compile(*args, **kwargs)

    def compile_pass(self, jit_compile: bool | str, network: keras.Model) -> None:
        """Compiles `forward_and_backward`; call it at the end of `compile`.

        The updates stay outside, where they work under every strategy.

        Args:
            jit_compile: Whether XLA compiles it; "auto" is False.
            network: The network that is trained.

        Raises:
            InvalidInput: Replicas would have to meet inside what XLA compiles.
        """
        count = self.distribute_strategy.num_replicas_in_sync
        self._replicas_meet = meets_replicas(network) and count > 1
        self._forward_and_backward = self.forward_and_backward
        if jit_compile is not True or self.run_eagerly:
            return
        check_compiled(meets_replicas(network), count)
        self._forward_and_backward = tf.function(self.forward_and_backward, jit_compile=True)

    def own_loss(self, *args: Any, training: bool = True) -> tf.Tensor:
        """The mean loss over a replica's own images: Keras divides it by the number of replicas.

        Args:
            *args: As for `compute_loss`.
            training: As for `compute_loss`.
        """
        loss = self.compute_loss(*args, training=training)
        count = replicas.num_replicas()
        # The sum makes a number of what Keras gives where there is no image, an empty tensor.
        return loss if count == 1 else tf.reduce_sum(loss) * count

    def check_count(self, count: tf.Tensor) -> None:
        """Checks in a training step that a replica that the others wait for has images.

        Args:
            count: Number of this replica's images.

        Raises:
            InvalidArgumentError: When the step runs: there is none.
        """
        if self._replicas_meet:
            tf.debugging.assert_positive(count, message=_NO_IMAGE)

    def make_train_function(self, force: bool = False) -> None:
        """Keras calls it before an epoch is run.

        Raises:
            ValueError: There are too few images in a batch.
        """
        if self._replicas_meet and self._fewest_images == 0:
            raise ValueError(_NO_IMAGE)
        if self.train_function is None or force:
            self.train_function = StepFunction(self, self.train_step)
        self.train_function.begin(self._epochs)

    def make_test_function(self, force: bool = False) -> None:
        """Keras calls it before an evaluation is run."""
        if self.test_function is None or force:
            self.test_function = StepFunction(self, self.test_step)
        self.test_function.begin(self._epochs)

    def trace_anew(self) -> None:
        """Forgets the graphs that were made, also in the midst of an epoch."""
        for function, make in (
            (self.train_function, self.make_train_function),
            (self.test_function, self.make_test_function),
            (self.predict_function, self.make_predict_function),
        ):
            if function is not None:
                make(force=True)

    def before_batches(self, epochs: Any, batch: Any) -> None:
        """Builds metrics under a strategy from the first batch.

        Keras takes the mean over replicas of the batch itself, which is undefined where they have
        different numbers of images, and which several workers cannot compute.
        """
        # Weakly, for it holds batches. Not as a proxy: Keras would look into it when it saves.
        self._epochs = (lambda: None) if epochs is None else weakref.ref(epochs)
        if not keras_internals.under_strategy(self):
            return
        if epochs is not None:
            batch = keras_internals.first_batch(epochs)
        parts = self.distribute_strategy.experimental_local_results(batch)
        self._fewest_images = min(len(keras.tree.flatten(part)[0]) for part in parts)
        with self.distribute_strategy.scope():
            keras_internals.build_state(self, keras.tree.map_structure(_example, parts[0]))

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """As `keras.Model.compute_metrics`, without a second trace of the step.

        A function in whose trace variables are made is traced once more without them, which takes
        seconds of a search's first step. Keras would make those of metrics there.
        """
        with tf.init_scope(), tf.variable_creator_scope(_beside_the_trace):
            keras_internals.build_metrics(self, *keras.tree.map_structure(_example, (y, y_pred)))
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def reported(self, logs: dict[str, Any]) -> dict[str, Any]:
        """What Keras reports of an epoch: the metrics over all replicas, not the last step's own.

        Keras reads them anew only where a step reports nothing else, and under replicas a step's
        own are a mean of means.
        """
        return {**logs, **self.get_metrics_result()}


def check_compiled(synchronized: bool, replicas: int) -> None:
    """Checks that XLA can compile the pass of a step.

    Args:
        synchronized: Whether replicas meet in the batch normalisations of the network.
        replicas: How many there are.

    Raises:
        InvalidInput: They would have to meet inside what XLA compiles.
    """
    if synchronized and replicas > 1:
        raise InvalidInput(
            f"`synchronized_batch_norm` cannot be used with `jit_compile` on {replicas} devices, "
            "which would have to meet inside what XLA compiles: given both; do set one of them to "
            "false"
        )


class StepFunction:
    """Runs the steps of one call: `steps_per_execution` of them, fewer at the end of an epoch.

    Several steps are a loop in one graph where the number of batches is known beforehand; otherwise
    they are called one by one.

    Args:
        model: The compiled model.
        step: Its `train_step` or `test_step`, of one replica.
    """

    def __init__(self, model: keras.Model, step: Callable[[Any], dict[str, tf.Tensor]]) -> None:
        self._epochs: Callable[[], Any] = lambda: None
        self._available: float | None = None
        self._strategy = model.distribute_strategy
        self._steps_per_execution = model.steps_per_execution
        self._step = step
        self._eagerly = model.run_eagerly
        if not self._eagerly:
            settings = {"reduce_retracing": True, "autograph": False}
            self._one = tf.function(self._one, **settings)
            self._block = tf.function(self._block, **settings)

    def begin(self, epochs: Callable[[], Any]) -> None:
        """Says what the next calls are part of.

        Args:
            epochs: Gives Keras's iterator over the epochs, or None where there is a batch alone.
        """
        self._epochs = epochs
        self._available = None if epochs() is None else keras_internals.num_batches(epochs())

    def __call__(self, batches: Iterator[Any]) -> dict[str, tf.Tensor]:
        """Runs the next steps.

        Args:
            batches: The iterator over the batches of an epoch, or over one batch.

        Returns:
            What the last step reported, the mean over this worker's replicas.

        Raises:
            StopIteration: There is no batch.
        """
        if not isinstance(batches, tf.data.Iterator | tf.distribute.DistributedIterator):
            return self._one(_without_optionals(next(batches)))
        epochs, steps = self._epochs(), self._steps_per_execution
        used = keras_internals.steps_seen(epochs) - steps
        if in_epoch := keras_internals.steps_per_epoch(epochs):
            steps = min(steps, in_epoch - used % in_epoch)
        if self._available is None or self._eagerly:
            done, logs = self._one_by_one(batches, steps)
        else:
            done = int(min(steps, self._available - used))
            logs = self._block(batches, tf.constant(done))
        keras_internals.set_steps_seen(epochs, used + done)
        return logs

    def _one_by_one(self, batches: Iterator[Any], steps: int) -> tuple[int, dict[str, tf.Tensor]]:
        done, logs = 0, {}
        for batch in itertools.islice(batches, steps):
            logs = self._one(_without_optionals(batch))
            done += 1
        if not done:
            raise StopIteration
        return done, logs

    def _block(self, batches: Iterator[Any], steps: tf.Tensor) -> dict[str, tf.Tensor]:
        if self._steps_per_execution == 1:
            # Not as a graph of its own within this one, which would be made twice.
            return StepFunction._one(self, _without_optionals(batches.get_next()))
        traced = self._one.get_concrete_function(_without_optionals(batches.element_spec))
        none = {n: tf.zeros(s.shape, s.dtype) for n, s in traced.structured_outputs.items()}

        def body(done: tf.Tensor, logs: dict[str, tf.Tensor]) -> tuple[tf.Tensor, Any]:
            return done + 1, self._one(_without_optionals(batches.get_next()))

        # Steps of different iterations would otherwise be free to overlap.
        _, logs = tf.while_loop(
            lambda done, logs: done < steps, body, (0, none), parallel_iterations=1
        )
        return logs

    def _one(self, batch: Any) -> dict[str, tf.Tensor]:
        logs = self._strategy.run(self._step, args=(batch,))
        return {name: self._mean(value) for name, value in logs.items()}

    def _mean(self, value: Any) -> tf.Tensor:
        parts = self._strategy.experimental_local_results(value)
        return parts[0] if len(parts) == 1 else tf.reduce_mean(tf.stack(parts), axis=0)


def _beside_the_trace(make: Callable[..., tf.Variable], **settings: Any) -> tf.Variable:
    """Makes a variable that the function being traced does not count as its own."""
    return make(**{**settings, "experimental_enable_variable_lifting": False})


def _example(value: Any) -> keras.KerasTensor | None:
    """The shape and dtype of a batch of any size."""
    if value is None or isinstance(value, tf.experimental.Optional):
        return None
    return keras.KerasTensor((None, *value.shape[1:]), keras.backend.standardize_dtype(value.dtype))


def _without_optionals(batch: Any) -> Any:
    """Keras's iterators give what a data set leaves out, such as weights, as an empty optional."""
    optional = tf.experimental.Optional | tf.OptionalSpec
    return keras.tree.map_structure(
        lambda value: None if isinstance(value, optional) else value, batch
    )
