# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an architecture is worth by a short training of its network."""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.evaluation import costs
from snas_tf.evaluation.evaluator import Parent
from snas_tf.space import Architecture

ACCURACY = "accuracy"
_LEAST = 1e-4  # by which a loss is better, as in Auto-Keras

Inherit = Callable[[keras.Model, Architecture, keras.Model, Architecture, int], object]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """An `Evaluator`: trains the network of an architecture for some epochs.

    Its metrics are "accuracy", the mean over the last epochs of that on the validation data, and
    the costs that are asked for. The same seed gives the same network and the same metrics but for
    a measured latency. Where the search is to end at some time, a training whose next epoch would
    not end before stops, after one at least, and each has the metric "epochs", how many it had.

    For searches in other processes its functions must pickle: functions of a module, or objects
    that can be called.

    Attributes:
        build: (architecture, seed) to a compiled model with a metric "accuracy".
        data: The seed to the arguments of its `fit`, such as {"x": dataset, "validation_data":
            another}; all but `epochs` and `verbose`.
        epochs: Epochs of a training, at least 1.
        last_epochs: How many of the last of them the accuracy is the mean of, 1 to `epochs`.
        measures: The costs to measure, some of `costs.NAMES`.
        network: What of a trained model is judged and kept; by default all of it.
        keep: (network, seed); keeps a trained network, such as in a file named by the seed.
        recall: The seed to the network that was kept. Where it is given, a training starts from the
            weights of its parent, as far as both have a weight of the same path and shape; or as
            `inherit` has it.
        inherit: (model, architecture, what was kept of the parent, its architecture, seed); gives
            the model the weights of its parent in another way, such as a morph's.
        patience: After how many epochs in which the loss on the validation data fell by no more
            than 0.0001 a training stops; each has the metric "epochs" then. 0 for never.

    Raises:
        InvalidInput: A number is out of range, or a cost unknown.
    """

    build: Callable[[Architecture, int], keras.Model]
    data: Callable[[int], Mapping[str, Any]]
    epochs: int = 5
    last_epochs: int = 1
    measures: tuple[str, ...] = ("parameters", "multiply_adds")
    network: Callable[[keras.Model], keras.Model] | None = None
    keep: Callable[[keras.Model, int], None] | None = None
    recall: Callable[[int], keras.Model] | None = None
    inherit: Inherit | None = None
    patience: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.last_epochs <= self.epochs:
            raise InvalidInput(
                f"`last_epochs` must be from 1 to the {self.epochs} of `epochs`: given "
                f"{self.last_epochs}"
            )
        if type(self.patience) is not int or self.patience < 0:
            raise InvalidInput(
                f"`patience` must be a whole number, at least 0: given {self.patience!r}"
            )
        costs.check(self.measures)

    @property
    def inherits(self) -> bool:
        """Whether a training starts from the weights of a parent."""
        return self.recall is not None

    @property
    def keeps_time(self) -> bool:
        """Whether it is told of the time that is left: always."""
        return True

    def evaluate(
        self,
        architecture: Architecture,
        *,
        seed: int,
        parent: Parent | None = None,
        seconds: float | None = None,
    ) -> dict[str, float]:
        """Trains a network and measures it.

        Args:
            architecture: What is to be trained.
            seed: Of its weights and, through `build` and `data`, of all else.
            parent: Whose weights to start from; None for a fresh start.
            seconds: When it is to be over, at the end of an epoch; None for all epochs.

        Returns:
            {"accuracy": in [0, 1], cost: value, ...}, and "epochs" where there may be fewer.

        Raises:
            InvalidInput: The model tells no validation accuracy.
        """
        clock = _Clock(seconds)
        keras.backend.clear_session()  # the names of layers, and with them paths, begin anew
        keras.utils.set_random_seed(seed)
        model = self.build(architecture, seed)
        if parent is not None and self.recall is not None:
            kept = self.recall(parent.seed)
            if self.inherit is None:
                take_weights(model, kept)
            else:
                self.inherit(model, architecture, kept, parent.architecture, seed)
        # What neither counts nor says when to stop is not measured.
        first = 1 if self.patience else self.epochs - self.last_epochs + 1
        judged = [*range(first, self.epochs + 1)]
        data = {"validation_freq": judged, **self.data(seed)}
        data["callbacks"] = [*(data.get("callbacks") or ()), *self._stops(), clock]
        history = model.fit(**data, epochs=self.epochs, verbose=0).history
        measured = history.get(f"val_{ACCURACY}") or _measured(model, data, clock.epochs, judged)
        if not measured:
            raise InvalidInput(
                f"a training must tell its accuracy on validation data: `build` must compile a "
                f"metric named {ACCURACY!r}, and `data` have `validation_data`; it told "
                f"{', '.join(history)}"
            )
        network = model if self.network is None else self.network(model)
        if self.keep is not None:
            self.keep(network, seed)
        accuracy = statistics.fmean(measured[-self.last_epochs :])
        whole = seconds is None and not self.patience
        told = {} if whole else {"epochs": float(clock.epochs)}
        return {ACCURACY: accuracy, **costs.measure(network, self.measures), **told}

    def _stops(self) -> list[keras.callbacks.Callback]:
        """What ends a training that no longer gets better."""
        if not self.patience:
            return []
        return [
            keras.callbacks.EarlyStopping(
                "val_loss", min_delta=_LEAST, patience=self.patience, mode="min"
            )
        ]


class _Clock(keras.callbacks.Callback):
    """Counts epochs, and stops a training where another one would end too late.

    Args:
        seconds: When it is to be over, from now on; None for never.
    """

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self.epochs = 0
        self._ends = math.inf if seconds is None else time.monotonic() + seconds
        self._begun = self._longest = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """An epoch begins."""
        self._begun = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """An epoch, and its validation if there was one, are over."""
        self.epochs = epoch + 1
        now = time.monotonic()
        self._longest = max(self._longest, now - self._begun)
        if now + self._longest > self._ends:
            self.model.stop_training = True


def _measured(
    model: keras.Model, data: Mapping[str, Any], epochs: int, judged: Sequence[int]
) -> list[float]:
    """The accuracy of a training that stopped before the first epoch that counts; else nothing."""
    validation = data.get("validation_data")
    if validation is None or epochs >= judged[0]:
        return []
    given = validation if isinstance(validation, tuple) else (validation,)
    sizes = {"batch_size": "validation_batch_size", "steps": "validation_steps"}
    told = model.evaluate(
        *given,
        **{name: data[key] for name, key in sizes.items() if key in data},
        callbacks=data["callbacks"],
        verbose=0,
        return_dict=True,
    )
    return [told[ACCURACY]] if ACCURACY in told else []


def take_weights(model: keras.Model, parent: keras.Model) -> int:
    """Gives a model the weights of another one, where both have one of the same path and shape.

    Args:
        model: Any model; what it does not share keeps its values.
        parent: Another one. A path begins below the model, whose name does not matter.

    Returns:
        How many weights were taken.
    """
    theirs = _by_path(parent)
    taken = 0
    for path, weight in _by_path(model).items():
        found = theirs.get(path)
        if found is not None and found.shape == weight.shape:
            weight.assign(tf.convert_to_tensor(found))
            taken += 1
    return taken


def _by_path(model: keras.Model) -> dict[str, keras.Variable]:
    return {weight.path.removeprefix(f"{model.name}/"): weight for weight in model.weights}
