# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search by trials: propose, record, evaluate, record; nothing recorded is done twice."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import time
from collections.abc import Callable

from snas_tf.black_box.executors import InThisProcess
from snas_tf.black_box.executors.workplace import Workplace
from snas_tf.black_box.measurement import Evaluate, Measurement, Time
from snas_tf.black_box.objectives import Objective, Single
from snas_tf.black_box.parents import Parents
from snas_tf.black_box.result import SearchResult
from snas_tf.black_box.searcher import Searcher, generator
from snas_tf.black_box.trial import Trial, evaluation_seed
from snas_tf.black_box.trial_log import TrialLog
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Parent
from snas_tf.space import Space


def search(
    searcher: Searcher,
    space: Space,
    evaluate: Evaluate,
    trials: int = 200,
    seed: int = 0,
    *,
    objective: Objective | str = "accuracy",
    executor: Callable[[], concurrent.futures.Executor] | None = None,
    workers: int | None = None,
    log: TrialLog | None = None,
    seconds: float | None = None,
    limit: float | None = None,
    ahead: bool = False,
    progress: Callable[[Trial, SearchResult], None] | None = None,
) -> SearchResult:
    """Searches a space by trials.

    With one worker the trials follow from the arguments alone, whether or not the search was
    stopped on the way. With several, how long evaluations take decides which of them a proposal
    knows. An evaluation that fails is told in a warning, tried once more, and then counted as a
    failed trial; it does not end the search.

    Args:
        searcher: What proposes architectures.
        space: What can be proposed.
        evaluate: A function of an architecture that gives {metric: number}, or an `Evaluator`. For
            processes other than this one it must pickle: a function of a module, no lambda.
        trials: How many trials there shall be, those of the log included; at least 1.
        seed: Of all chance; at least 0.
        objective: What the metrics are worth; a text is one of them, the greater the better.
        executor: Makes what evaluates, such as `Processes(4)` or `Dask(address)`; called again
            where that breaks. None for this process.
        workers: How many trials are evaluated at a time; None for as many as the executor has
            `workers`. 1 in this process.
        log: Where trials are recorded. A search goes on with what it holds: all other arguments
            must be the same, but for more trials.
        seconds: When to begin no more trials, counted with those of the log; None for no limit.
            An evaluator with a true attribute `keeps_time` is told what is left of it.
        limit: Seconds that an evaluation may take, after which its process is ended and it failed;
            None for no limit. It needs an `executor` of other processes.
        ahead: Whether to propose the next trial while others run, so that none waits for that; it
            does not know what comes of these. It needs an `executor`.
        progress: Called after every trial that ended, with it and the result so far.

    Returns:
        The trials that ended.

    Raises:
        InvalidInput: An argument is out of range, or the searcher, the objective, the space and the
            metrics do not go together.
        Failure: The executor takes no trials, or the log cannot be written.
    """
    workers = getattr(executor, "workers", 1) if workers is None else workers
    _check(trials, seed, workers, executor, ahead)
    _check_time(seconds, limit, executor)
    history = _History(searcher, space, seed, objective, log)
    if getattr(evaluate, "inherits", False):
        history.parents = Parents(space, evaluate)
    spent = sum(trial.seconds for trial in history.ended) / workers
    ends = None if seconds is None else time.time() - spent + seconds
    workplace = Workplace(evaluate, executor or InThisProcess, workers, Time(limit, ends))
    try:
        _fill_and_empty(workplace, history, trials, seed, ends, ahead, progress)
    except BaseException:
        workplace.leave(at_once=True)
        raise
    workplace.leave()
    return history.result


def _fill_and_empty(
    workplace: Workplace,
    history: _History,
    trials: int,
    seed: int,
    ends: float | None,
    ahead: bool,
    progress: Callable[[Trial, SearchResult], None] | None,
) -> None:
    """Begins trials while there is room and time, and records what comes of them, to the end."""

    def time_is_left() -> bool:
        return ends is None or time.time() < ends

    while True:
        while workplace.has_room and time_is_left():
            trial = history.next(trials)
            if trial is None:
                break
            workplace.begin(trial, evaluation_seed(seed, trial.number), history.parent(trial))
        if workplace.idle:
            return
        if ahead and time_is_left():
            history.prepare(trials)
        for trial, measurement in workplace.finished():
            trial = history.end(trial, measurement)
            if progress is not None:
                progress(trial, history.result)


class _History:
    """The trials of a search, in memory and in the log.

    Attributes:
        ended: In the order in which they ended.
        parents: Chooses parents; None where the evaluator asks for none.
    """

    def __init__(
        self,
        searcher: Searcher,
        space: Space,
        seed: int,
        objective: Objective | str,
        log: TrialLog | None,
    ) -> None:
        self._searcher, self._space, self._seed, self._log = searcher, space, seed, log
        self._objective = Single(objective) if isinstance(objective, str) else objective
        self.parents: Parents | None = None
        recorded = [*log.read()] if log is not None else []
        self.ended = [self._rewarded(trial) for trial in recorded if trial.ended]
        self._by_number = {trial.number: trial for trial in self.ended}
        self._waiting = [trial for trial in recorded if not trial.ended]
        self._running = {trial.number: trial for trial in self._waiting}

    @property
    def result(self) -> SearchResult:
        """What was found so far."""
        return SearchResult.of(self.ended, self._objective)

    def next(self, trials: int) -> Trial | None:
        """The next trial to be evaluated: one that waits for that, or a new one; None at the end.

        Those wait that were stopped, and one that was prepared.
        """
        self.prepare(trials)
        return self._waiting.pop(0) if self._waiting else None

    def prepare(self, trials: int) -> None:
        """Proposes a trial, unless one waits to be evaluated, or all are there.

        It is recorded before anything else is, so that after a stop it is what it was.
        """
        number = len(self.ended) + len(self._running)
        if self._waiting or number >= trials:
            return
        known = [*self.ended, *self._running.values()]
        rng = generator(self._seed, number)
        architecture = self._searcher.propose(known, rng, self._space)
        parent = None
        if self.parents is not None:
            parent = self.parents.nearest(architecture, self.ended)
        trial = Trial(number, architecture, parent)
        if self._log is not None:
            self._log.propose(trial)
        self._running[number] = trial
        self._waiting.append(trial)

    def parent(self, trial: Trial) -> Parent | None:
        """The parent of a trial, as its evaluation is told of it."""
        if trial.parent is None:
            return None
        architecture = self._by_number[trial.parent].architecture
        return Parent(architecture, evaluation_seed(self._seed, trial.parent))

    def end(self, trial: Trial, measurement: Measurement) -> Trial:
        """Records what came of a trial; returns it with that."""
        trial = dataclasses.replace(
            trial,
            metrics=measurement.metrics,
            failure=measurement.failure,
            seconds=measurement.seconds,
        )
        if self._log is not None:
            self._log.end(trial)
        trial = self._rewarded(trial)
        del self._running[trial.number]
        self._by_number[trial.number] = trial
        self.ended.append(trial)
        return trial

    def _rewarded(self, trial: Trial) -> Trial:
        if trial.failure:
            return trial
        return dataclasses.replace(trial, rewards=tuple(self._objective(trial.metrics)))


def _check(trials: int, seed: int, workers: int, executor: object | None, ahead: bool) -> None:
    for name, value, least in (("trials", trials, 1), ("seed", seed, 0), ("workers", workers, 1)):
        if type(value) is not int or value < least:
            raise InvalidInput(
                f"`{name}` must be a whole number, at least {least}: given {value!r}"
            )
    if executor is None and workers > 1:
        raise InvalidInput(
            f"`workers` must be 1 in this process: given {workers}; for more do give an "
            f"`executor`, such as black_box.Processes({workers})"
        )
    if ahead and executor is None:
        raise InvalidInput(
            "`ahead` must be false in this process, which does one thing at a time: given True; do "
            "give an `executor`, such as black_box.Processes(1)"
        )


def _check_time(seconds: float | None, limit: float | None, executor: object | None) -> None:
    for name, value in (("seconds", seconds), ("limit", limit)):
        if value is not None and not value > 0:
            raise InvalidInput(f"`{name}` must be positive, or None: given {value!r}")
    if limit is not None and executor is None:
        raise InvalidInput(
            f"`limit` must be None in this process, which it would end: given {limit!r}; do give "
            "an `executor`, such as black_box.Processes(1)"
        )
