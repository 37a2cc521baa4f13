# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searchers of Optuna: TPE and NSGA-II, by the same door as ours.

Optuna keeps studies in a store of its own, and its samplers draw from a generator that no store
keeps, so that a study which is resumed goes on otherwise. Here the study is a function of the
trials: it is told of them anew, one by one, and a fresh sampler with the trial's own seed proposes
the next. What Optuna is told of one trial it may remember for the next; nothing depends on that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from snas_tf.black_box.searcher import decision_space
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, DecisionSpace, Space

SAMPLERS = ("tpe", "nsga2")


@dataclasses.dataclass(frozen=True)
class Optuna:
    """Proposes what a sampler of Optuna does; needs the extra `snas-tf[optuna]`.

    Every place of a decision is a categorical parameter. It needs a `DecisionSpace`; several
    rewards are several directions.

    Attributes:
        sampler: "tpe", the tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), or
            "nsga2", the genetic algorithm for several rewards (Deb et al. 2002).
        population: Trials of a generation of nsga2, at least 2; tpe does without.

    Raises:
        InvalidInput: There is no such sampler, the population is none, or Optuna is not installed.
    """

    sampler: str = "tpe"
    population: int = 20
    _memo: _Memo = dataclasses.field(
        default_factory=lambda: _Memo(), init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise InvalidInput(
                f"`sampler` must be one of {', '.join(SAMPLERS)}: given {self.sampler!r}"
            )
        if type(self.population) is not int or self.population < 2:
            raise InvalidInput(
                f"`population` must be a whole number, at least 2: given {self.population!r}"
            )
        _optuna()

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """What the sampler proposes; of failed trials it knows only that they were.

        Args:
            trials: Those that ended, in the order in which they ended, then those that still run.
            rng: The trial's chance.
            space: A `DecisionSpace`.

        Returns:
            The architecture.

        Raises:
            InvalidInput: The space has no decisions.
        """
        space = decision_space(space, self)
        ended = [trial for trial in trials if trial.ended]
        rewards = next((len(trial.rewards) for trial in ended if trial.rewards), 1)
        with _silence():
            if not self._memo.fits(space, rewards, ended):
                self._memo.begin(space, rewards)
            study, parameters = self._memo.study, _distributions(space)
            study.sampler = self._new_sampler(0, parameters)
            self._tell(study, space, ended[len(self._memo.told) :])
            self._memo.told = ended
            asked = [_ask(study, space, each.architecture) for each in trials if not each.ended]
            if self.sampler == "nsga2":
                # It gives the parents of a generation in another order when it chooses them than
                # when it remembers them: let it choose before it is asked in earnest.
                asked.append(_ask(study, space))
            study.sampler = self._new_sampler(int(rng.integers(2**32)), parameters)
            asked.append(_ask(study, space))
            proposed = asked[-1].params
            for each in asked:  # those that run will be told of anew when they ended
                study.tell(each, state=_optuna().trial.TrialState.FAIL)
        return space.decode(_rows(space, proposed))

    def _tell(self, study: Any, space: DecisionSpace, ended: Sequence[Trial]) -> None:
        """Tells a study of trials."""
        for trial in ended:
            asked = _ask(study, space, trial.architecture)
            if self.sampler == "nsga2":  # it keeps its books only where it chooses itself
                frozen = study.get_trials(deepcopy=False)[-1]
                generation = study.sampler.get_trial_generation(study, frozen)
                study.sampler.get_parent_population(study, generation)
            if trial.rewards:
                study.tell(asked, list(trial.rewards))
            else:
                study.tell(asked, state=_optuna().trial.TrialState.FAIL)

    def _new_sampler(self, seed: int, parameters: Mapping[str, Any]) -> Any:
        samplers = _optuna().samplers
        if self.sampler == "tpe":
            return samplers.TPESampler(seed=seed)

        class KnowingSampler(samplers.NSGAIISampler):
            """Knows the parameters, which a fresh one would have to compare over all trials."""

            def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
                return {name: each for name, each in parameters.items() if not each.single()}

        return KnowingSampler(population_size=self.population, seed=seed)


@dataclasses.dataclass(slots=True)
class _Memo:
    """A study and the trials that it was told of."""

    study: Any = None
    key: Any = None
    told: list[Trial] = dataclasses.field(default_factory=list)

    def fits(self, space: DecisionSpace, rewards: int, ended: list[Trial]) -> bool:
        """Whether the study was told of the beginning of these trials."""
        return self.key == (space, rewards) and ended[: len(self.told)] == self.told

    def begin(self, space: DecisionSpace, rewards: int) -> None:
        """Begins a study."""
        self.study = _optuna().create_study(directions=["maximize"] * rewards)
        self.key, self.told = (space, rewards), []


def _ask(study: Any, space: DecisionSpace, architecture: Architecture | None = None) -> Any:
    """A trial of the study; with the architecture's parameters where one is given."""
    if architecture is not None:
        study.enqueue_trial(_parameters(space, architecture))
    return study.ask(_distributions(space))


def _distributions(space: DecisionSpace) -> dict[str, Any]:
    """Of all parameters, by name in the order that Optuna's own samplers have them in."""
    categorical = _optuna().distributions.CategoricalDistribution
    named = {
        _name(decision.name, place): categorical(decision.options)
        for decision in space.decisions
        for place in decision.places
    }
    return dict(sorted(named.items()))


def _parameters(space: DecisionSpace, architecture: Architecture) -> Mapping[str, str]:
    rows = space.encode(architecture)
    return {
        _name(decision.name, place): decision.options[int(row.argmax())]
        for decision in space.decisions
        for place, row in zip(decision.places, rows[decision.name], strict=True)
    }


def _rows(space: DecisionSpace, parameters: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The other way round."""
    return {
        decision.name: np.eye(len(decision.options), dtype=np.float32)[
            [
                decision.options.index(parameters[_name(decision.name, place)])
                for place in decision.places
            ]
        ]
        for decision in space.decisions
    }


def _name(decision: str, place: str) -> str:
    return f"{decision}/{place}"


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Optuna tells every study that begins; here each is for a moment."""
    logging = _optuna().logging
    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _optuna() -> ModuleType:
    try:
        return importlib.import_module("optuna")
    except ImportError as error:
        raise InvalidInput(
            f"tpe and nsga2 need Optuna, which cannot be imported ({error}); do `pip install "
            '"snas-tf[optuna]"`, or take another searcher'
        ) from error
