# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Any Keras model of the user's that leaves something open: what a file builds is searched."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from snas_tf import space
from snas_tf.errors import InvalidInput, told_by_keys
from snas_tf.programs.problems import refusals
from snas_tf.programs.problems.model_file import ModelFile
from snas_tf.programs.problems.problem import Config
from snas_tf.space import json_record
from snas_tf.space.choices.option_latencies import OptionLatencies

if TYPE_CHECKING:
    import keras

    from snas_tf.networks import ChoiceNetwork, PlannedChoiceSupernet
    from snas_tf.reports import Presentation
    from snas_tf.space.choices.outline import Outline

TAKES_NAMES = True
"""A model may begin with an Embedding; see `Family`."""

_DIGEST = "model_digest"
"""What a run recorded of the file, see `runs.snapshot`."""


@dataclasses.dataclass(frozen=True, slots=True)
class ChoiceProblem:
    """A model with choices, for a data set. Nothing is built before it is asked for.

    Attributes:
        file: Where the model comes from.
        num_classes: Number of classes.
        image_shape: The shape of an example.
    """

    file: ModelFile
    num_classes: int
    image_shape: tuple[int, ...]

    @property
    def space(self) -> space.ProductSpace:
        """What the model leaves open; see `Problem` for this and all that follows."""
        return _known(self.file).space

    @property
    def uses(self) -> tuple[str, ...]:
        """All decisions."""
        return tuple(decision.name for decision in self.space.decisions)

    @property
    def plan(self) -> Any:
        """The model as plain data.

        Raises:
            InvalidInput: It takes other examples than the data set has, or tells other classes.
        """
        from snas_tf.space.choices.choice_plan import ChoicePlan

        known = _known(self.file)
        if known.taken != self.image_shape or known.told != (self.num_classes,):
            raise InvalidInput(
                f"`--config.space.model` must give a model from {self.image_shape} to "
                f"{self.num_classes} logits, as the data set has examples and classes: given "
                f"{self.file.given!r}, a model from {known.taken} to {known.told}"
            )
        return ChoicePlan(self.num_classes, self.image_shape, known.text)

    def searchable(self, config: Config) -> PlannedChoiceSupernet:
        """The model with rows of Z."""
        from snas_tf.networks import PlannedChoiceSupernet

        _refuse_synchronized(config["search"]["synchronized_batch_norm"], "search")
        return PlannedChoiceSupernet(self.plan)

    def costs(self, latency_table: str = "", device: str = "") -> space.CostTable:
        """Weights and multiply-adds of every option; with a table, their latency too."""
        from snas_tf.networks import device_name
        from snas_tf.networks.choices import choice_latency, choice_network

        costs = choice_network.supernet_of(self.plan).costs
        if not latency_table:
            return costs
        table = OptionLatencies.load(latency_table)
        table.check_device(device or device_name())
        return choice_latency.with_cost(costs, "latency", table.fixed, table.added(self.space))

    def child(
        self,
        architecture: space.Selection,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
        drop_path_steps: int = 0,
        seed: int = 0,
        synchronized_batch_norm: bool = False,
        **options: Any,
    ) -> ChoiceNetwork:
        """The model with what an architecture chooses; it has no auxiliary head, and no paths."""
        from snas_tf.networks.choices.choice_network import ChoiceNetwork, child_plan

        del drop_path_steps, seed
        what = ": do put what it adds into the model"
        refusals.refuse_extras("keras", auxiliary, drop_path, what)
        _refuse_synchronized(synchronized_batch_norm, "train")
        return ChoiceNetwork(architecture, child_plan(self.plan, architecture), **options)

    def cost(self, architecture: space.Selection) -> space.Cost:
        """The exact cost of that network."""
        return _cost(self.plan, architecture)

    def check_latency(self) -> None:
        """Networks are taken for sums of their options."""

    def measure_latency(
        self,
        children: Sequence[keras.Model],
        batch_size: int,
        repetitions: int,
        progress: Callable[[int, int], None],
    ) -> tuple[OptionLatencies, list[float]]:
        """Times a network for every option here, and other networks in turns with them."""
        from snas_tf.networks.choices import choice_latency, choice_network

        supernet = choice_network.supernet_of(self.plan)
        return choice_latency.measure_options(supernet, children, batch_size, repetitions, progress)

    def latency_overview(self, table: OptionLatencies) -> tuple[list[str], list[list[str]]]:
        """Microseconds of every option, beyond the quickest of its decision."""
        lines = [
            [decision, option, f"{1000 * time:.1f}"]
            for (decision, option), time in table.milliseconds.items()
        ]
        return ["decision", "option", "microseconds more"], lines

    def latency(self, architecture: space.Selection, table: OptionLatencies) -> float:
        """The milliseconds that a table predicts for a network."""
        return table.predict(architecture)

    def refuse_other(self, network: keras.Model) -> None:
        """Refuses a network of another model, from which a training cannot inherit."""
        from snas_tf.networks.choices import choice_network

        wanted = choice_network.child_plan(self.plan, network.genotype)
        if not choice_network.alike(network.skeleton, wanted):
            raise InvalidInput(
                "`--config.train.inherit` needs the model of the search: given "
                f"{self.file.given!r}, and another one was searched"
            )

    def search_memory(self, *, one_hot: bool) -> None:
        """There is no estimate: small steps are measured."""

    def training_memory(self, architecture: space.Selection) -> None:
        """There is no estimate: small steps are measured."""


def space_of(config: Config) -> space.ProductSpace:
    """The space of a config, whose model is built; see `Family` for this and all that follows."""
    with _by_key():
        return _known(_file(config)).space


def problem(
    config: Config, stage: str, *, num_classes: int, image_shape: tuple[int, ...]
) -> ChoiceProblem:
    """The problem of a stage; both stages have the same networks."""
    del stage
    return ChoiceProblem(_file(config), num_classes, tuple(image_shape))


def find(name: str, config: Config) -> space.Selection:
    """The choices in a file."""
    if not pathlib.Path(name).is_file():
        raise InvalidInput(
            "`--config.train.genotype` must be a JSON file with `--config.space.name=keras`: given "
            f"{name!r}"
        )
    return space_of(config).from_json(json_record.load(name, "choices"))


def prepare(config: Config) -> None:
    """Runs the file, by which it registers layers of its own."""
    with _by_key():
        _file(config).load_classes()


def load(path: epath.Path) -> space.Selection:
    """The choices in a file of a run."""
    return space.Selection.from_json(json_record.load(path, "choices"))


def presentation() -> Presentation:
    """A picture of the model, and a table of the choices."""
    from snas_tf.reports import ChoicePresentation

    return ChoicePresentation(_outline)


def _outline(config: Mapping[str, Config]) -> Outline:
    """The outline of the model of a run, by what its stages recorded."""
    recorded = next(iter(config.values()))
    return _known(_file(recorded)).outline


def _file(config: Config) -> ModelFile:
    recorded = dict(config).get(_DIGEST, "")
    return ModelFile.of(config["space"]["model"], recorded)


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the model of a file.

    Attributes:
        text: The model as JSON.
        space: What it leaves open.
        taken: The shape of an input.
        told: The shape of an output.
        outline: Its layers.
    """

    text: str
    space: space.ProductSpace
    taken: tuple[int, ...]
    told: tuple[int | None, ...]
    outline: Outline


def _known(file: ModelFile) -> _Known:
    """Builds the model of a file, once for each dtype policy."""
    import keras

    return _built(file, keras.config.dtype_policy().name)


@functools.lru_cache(maxsize=8)
def _built(file: ModelFile, policy: str) -> _Known:
    from snas_tf.networks.choices import choice_network
    from snas_tf.networks.choices.outline import outline_of
    from snas_tf.space.choices.choice_plan import ChoicePlan

    del policy  # is what the model is built under
    with _by_key(), choice_network.undisturbed():
        model = file.model()
        searched = choice_network.space_of(model)
        sizes, outline = _sizes(model, file), outline_of(model)
    try:
        text = choice_network.written(model)
        with choice_network.undisturbed():
            again = choice_network.restored(ChoicePlan(1, (), text))
        if choice_network.space_of(again) != searched:
            raise ValueError("its choices are others then")
    except (TypeError, ValueError, NotImplementedError) as error:
        message = " ".join(str(error).split())[:300]
        raise InvalidInput(
            f"`--config.space.model` must give a model that Keras can save: given {file.given!r} "
            f"({message}); do decorate layers of your own with "
            "@keras.saving.register_keras_serializable() and give them get_config"
        ) from error
    return _Known(text, searched, *sizes, outline)


def _sizes(model: keras.Model, file: ModelFile) -> tuple[tuple, tuple]:
    """The shapes of an input and of an output."""
    import keras

    if len(model.inputs) != 1 or len(model.outputs) != 1 or isinstance(model.input, dict):
        raise InvalidInput(
            "`model` must give a model of one input and one output: given "
            f"{file.given!r}, with {len(model.inputs)} and {len(model.outputs)}; models of several "
            "are searched by snas_tf.Snas.of in a program of your own"
        )
    taken, told = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    if None in taken:
        raise InvalidInput(
            f"`model` must say the shape of an example, such as keras.Input((28, 28, 1)): given "
            f"{file.given!r} with {taken}"
        )
    last = model.layers[-1]
    activation = getattr(last, "activation", None)
    if isinstance(last, keras.layers.Softmax) or activation in (
        keras.activations.softmax,
        keras.activations.sigmoid,
    ):
        raise InvalidInput(
            f"`model` must answer logits: given {file.given!r}, whose last layer {last.name!r} "
            "makes probabilities of them; do leave its activation out"
        )
    return taken, told


@functools.lru_cache(maxsize=4096)
def _cost(plan: Any, architecture: space.Selection) -> space.Cost:
    from snas_tf.networks.choices.choice_network import ChoiceNetwork, child_plan, undisturbed

    with undisturbed():
        return ChoiceNetwork(architecture, child_plan(plan, architecture)).cost


def _by_key() -> Any:
    return told_by_keys({"model": "space.model"})


def _refuse_synchronized(asked: bool, stage: str) -> None:
    if asked:
        raise InvalidInput(
            f"`--config.{stage}.synchronized_batch_norm` must be false with "
            "`--config.space.name=keras`: do give the BatchNormalization layers of the model "
            "synchronized=True"
        )
