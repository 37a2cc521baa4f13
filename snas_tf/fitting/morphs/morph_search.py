# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Network morphism guided by Bayesian optimisation in one call (arXiv 1806.10282).

    search = snas_tf.MorphSearch()
    search.fit(x, y, seconds=3600)
    search.evaluate(x_test, y_test)
    search.model.save("network.keras")

It is `black_box.search` by `Bayesian` in the space of morphs, with trainings that start from the
weights of what each network grew from, as whoever knows Auto-Keras 0.4 expects it.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from etils import epath

from snas_tf import black_box
from snas_tf.black_box.trial import evaluation_seed
from snas_tf.errors import Failure, InvalidInput
from snas_tf.fitting.morphs.labelled_arrays import LabelledArrays, images
from snas_tf.fitting.morphs.morph_trainings import MorphTrainings, compile_classifier
from snas_tf.networks.morphs import layer_graph
from snas_tf.runs.trial_log import TrialLogFile
from snas_tf.space.morphs.layer_graph import LayerGraph
from snas_tf.space.morphs.morph_space import MorphSpace
from snas_tf.space.morphs.roots import convolutional_root, dense_root

_LOG, _BOUND = "trials.jsonl", "search.json"


class MorphSearch:
    """Searches a classifier of images or of rows of a table by morphs.

    Attributes:
        result: The `SearchResult` so far; None before `fit`.
        space: The `MorphSpace`; None before `fit`.

    Args:
        root: The network to begin with, a plain Keras model or its layer graph, which takes inputs
            of mean 0 and deviation 1 and gives a logit a class; None for the small start of the
            paper: three convolutions of 64 filters, or two dense layers for rows of a table.
        epochs: Epochs of a training at most, at least 1.
        patience: A training stops where the validation loss has not fallen for so many epochs, over
            the last of which its accuracy is the mean; at least 1.
        batch_size: Examples of a step.
        learning_rate: Of Adam.
        validation_share: Of the examples, by which networks are judged, in (0, 1).
        max_parameters: Most weights of a network.
        max_memory: Most bytes that a step of a training needs, by the rule of
            `space.training_bytes`; 0 for no bound.
        inherit: Whether a training starts from the weights of what its network grew from.
        searcher: What proposes; None for `Bayesian()`.
        seed: Of all chance, at least 0.
        workdir: Folder of the trials and their networks, by which the same `fit` goes on after any
            stop; None for a temporary one.

    Raises:
        InvalidInput: A number is out of range.
    """

    def __init__(
        self,
        root: keras.Model | LayerGraph | None = None,
        *,
        epochs: int = 200,
        patience: int = 5,
        batch_size: int = 128,
        learning_rate: float = 1e-3,
        validation_share: float = 0.2,
        max_parameters: int = 2**25,
        max_memory: int = 0,
        inherit: bool = True,
        searcher: black_box.Searcher | None = None,
        seed: int = 0,
        workdir: epath.PathLike | None = None,
    ) -> None:
        for name, value in (("epochs", epochs), ("patience", patience), ("batch_size", batch_size)):
            if type(value) is not int or value < 1:
                raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")
        for name, value, most in (
            ("learning_rate", learning_rate, np.inf),
            ("validation_share", validation_share, 1.0),
        ):
            if not 0 < value < most:
                raise InvalidInput(f"`{name}` must be above 0 and below {most}: given {value!r}")
        self._root = layer_graph(root) if isinstance(root, keras.Model) else root
        self._share = validation_share
        self._bounds = {"max_parameters": max_parameters, "max_memory": max_memory}
        self._seed = seed
        self._searcher = black_box.Bayesian() if searcher is None else searcher
        self._temporary = None if workdir else tempfile.TemporaryDirectory(prefix="morphs")
        self._workdir = epath.Path(workdir or self._temporary.name)
        self._trainings = MorphTrainings(
            self._workdir / "networks", epochs, patience, batch_size, learning_rate, inherit
        )
        self._data: LabelledArrays | None = None
        self._statistics = (np.zeros(1, np.float32), np.ones(1, np.float32))
        self.result: black_box.SearchResult | None = None
        self.space: MorphSpace | None = None

    def fit(
        self,
        x: Any,
        y: Any,
        *,
        seconds: float | None = None,
        trials: int = 1000,
        progress: Callable[[black_box.Trial, black_box.SearchResult], None] | None = None,
    ) -> MorphSearch:
        """Searches; a second call, or one in the same `workdir`, goes on with the trials there.

        Args:
            x: Images (examples, height, width[, channels]), or rows (examples, features).
            y: A label an example, whole numbers or texts.
            seconds: How long all of it may take, the trials of a stopped search included; kept to
                an epoch. None for no limit.
            trials: How many networks at most.
            progress: Is told of every trial that ended, with it and the result so far.

        Returns:
            The search itself.

        Raises:
            InvalidInput: Arrays or arguments do not go together, or others were given in `workdir`.
            Failure: No network could be trained.
        """
        self._data = LabelledArrays.of(x, y)
        learnt, judges = self._data.divided(self._share, self._seed)
        self._statistics = _statistics(learnt.x)
        self.space = MorphSpace(
            self._root_of(learnt), **self._bounds, batch_size=self._trainings.batch_size
        )
        self._workdir.mkdir(parents=True, exist_ok=True)
        self._bind(self._data)
        self.result = black_box.search(
            self._searcher,
            self.space,
            self._trainings.evaluator(
                self._standard(learnt.x), learnt.y, (self._standard(judges.x), judges.y)
            ),
            trials,
            self._seed,
            log=TrialLogFile(self._workdir / _LOG, self.space),
            seconds=seconds,
            progress=progress,
        )
        if not self.result.succeeded:
            _ = self.result.best  # says why
        return self

    @property
    def model(self) -> keras.Model:
        """The best network with its weights, plain Keras: examples as in `fit` to logits.

        Raises:
            Failure: Nothing was searched yet.
        """
        best = self._searched().best
        return self._whole(self._trainings.recall(evaluation_seed(self._seed, best.number)))

    def final_fit(self, x: Any, y: Any, *, epochs: int, **arguments: Any) -> keras.Model:
        """Trains the best network on all examples, on from its weights.

        Args:
            x: As for `fit`.
            y: As for `fit`.
            epochs: How many epochs.
            **arguments: Further ones of Keras's `fit`, such as `callbacks`.

        Returns:
            The network, plain Keras: examples as in `fit` to logits.
        """
        model = self.model
        data = LabelledArrays.of(x, y, self._classes())
        compile_classifier(model, self._trainings.learning_rate)
        keras.utils.set_random_seed(self._seed)
        given = {"batch_size": self._trainings.batch_size, "verbose": 0, **arguments}
        model.fit(data.x, data.y, epochs=epochs, **given)
        return model

    def predict(self, x: Any) -> np.ndarray:
        """The label of every example, by the best network.

        Args:
            x: As for `fit`.
        """
        logits = self.model.predict(images(x), batch_size=self._trainings.batch_size, verbose=0)
        return self._classes()[logits.argmax(axis=1)]

    def evaluate(self, x: Any, y: Any) -> float:
        """The share of examples that the best network gives the right label, in [0, 1].

        Args:
            x: As for `fit`.
            y: As for `fit`.
        """
        data = LabelledArrays.of(x, y, self._classes())
        return float((self.predict(data.x) == data.classes[data.y]).mean())

    def _bind(self, data: LabelledArrays) -> None:
        """Records what the trials of the folder depend on, or refuses a folder of other ones."""
        labels = zlib.crc32(repr(data.classes.tolist()).encode(), zlib.crc32(data.y.tobytes()))
        here = {
            "x": f"{zlib.crc32(data.x.tobytes()):08x}",
            "y": f"{labels:08x}",
            "root": f"{zlib.crc32(self.space.root.to_json().encode()):08x}",
            **self._trainings.recorded(),
            "validation_share": self._share,
            **{name: bound for name, bound in self._bounds.items() if bound},
            "searcher": repr(self._searcher),
            "seed": self._seed,
        }
        path = self._workdir / _BOUND
        if not path.exists():
            path.write_text(json.dumps(here, indent=2) + "\n")
            return
        there = json.loads(path.read_text())
        names = dict.fromkeys([*here, *there])
        if different := [name for name in names if here.get(name) != there.get(name)]:
            raise InvalidInput(
                f"`workdir` {self._workdir} must be of the same search, to go on with it: there "
                f"{', '.join(different)} differ; do name another folder"
            )

    def _whole(self, network: keras.Model) -> keras.Model:
        """A network of raw examples: with what brings them to mean 0 and deviation 1."""
        inputs = keras.Input(network.input_shape[1:], name="examples")
        mean, deviation = self._statistics
        standard = keras.layers.Normalization(mean=mean, variance=deviation**2, name="standard")
        return keras.Model(inputs, network(standard(inputs)), name="classifier")

    def _standard(self, x: np.ndarray) -> np.ndarray:
        mean, deviation = self._statistics
        return (x - mean) / deviation

    def _root_of(self, data: LabelledArrays) -> LayerGraph:
        shape, classes = data.x.shape[1:], len(data.classes)
        if self._root is None:
            grown = dense_root if len(shape) == 1 else convolutional_root
            return grown(shape[0] if len(shape) == 1 else shape, classes)
        given = tuple(self._root.layers[0].config["shape"])
        outputs = self._root.shapes[self._root.output.name]
        if given != shape or tuple(outputs) != (classes,):
            raise InvalidInput(
                f"`root` must take examples of {shape} and give {classes} logits: given one of "
                f"{given} and {tuple(outputs)}"
            )
        return self._root

    def _searched(self) -> black_box.SearchResult:
        if self.result is None:
            raise Failure("nothing was searched yet; do call `fit` first")
        return self.result

    def _classes(self) -> np.ndarray:
        self._searched()
        return self._data.classes


def _statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of every channel or feature, float32; 1 where there is no deviation."""
    axes = tuple(range(x.ndim - 1))
    mean, deviation = x.mean(axes, np.float64), x.std(axes, dtype=np.float64)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1.0).astype(np.float32)
