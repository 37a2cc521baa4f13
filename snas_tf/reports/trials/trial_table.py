# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials as texts, the same for page and terminal, and as a CSV file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from snas_tf.black_box import Trial
from snas_tf.reports import notation
from snas_tf.reports.trials.trials import Trials


def sentences(told: Trials) -> list[str]:
    """How far the search is, what the best trial is worth, and what was ruled out or failed."""
    result = told.result
    found = [f"{len(result.trials):,} of {told.planned:,} trials have ended, by {told.method}."]
    if told.best is None:
        return [*found, "None of them succeeded."] if result.trials else found
    if told.has_several_rewards:
        found.append(f"The front has {len(result.front)} of them, which no other betters.")
    else:
        found.append(f"The best is trial {told.best.number}: {worth(told.told, told.best)}.")
    if told.is_bounded:
        share = len(result.feasible) / len(result.succeeded)
        found.append(
            f"{notation.percent(share, digits=0)} of the {len(result.succeeded):,} that succeeded "
            "keep to all bounds."
            if result.feasible
            else "None of them keeps to all bounds, so that the best is the best of the others."
        )
    if result.failed:
        found.append(
            f"{len(result.failed)} failed, the first of them because: {result.failed[0].failure}."
        )
    return found


def worth(told: Sequence[str], trial: Trial) -> str:
    """What a trial is worth in a line, such as "accuracy 93.10 %, parameters 43,210".

    Args:
        told: The metrics to tell; one that the trial lacks is left out.
        trial: The trial.
    """
    return ", ".join(
        f"{notation.words(name)} {notation.metric(name, trial.metrics[name])}"
        for name in told
        if name in trial.metrics
    )


def headings(told: Trials) -> tuple[str, ...]:
    """The headings of `line`."""
    rewards = () if told.has_several_rewards else ("reward",)
    return ("trial", *rewards, *map(notation.words, told.told), "seconds", "remark")


def line(told: Trials, trial: Trial) -> tuple[str, ...]:
    """A trial as texts, as many as there are headings; a metric that it lacks is empty."""
    rewards = () if told.has_several_rewards else (f"{trial.reward:.4g}" if trial.rewards else "",)
    metrics = (
        notation.metric(name, trial.metrics[name]) if name in trial.metrics else ""
        for name in told.told
    )
    return (str(trial.number), *rewards, *metrics, f"{trial.seconds:.1f}", _remark(told, trial))


def leading(told: Trials, most: int) -> tuple[Trial, ...]:
    """The front where one is sought, else those with the greatest rewards, each network once.

    Args:
        told: The search.
        most: How many at most.
    """
    if told.has_several_rewards:
        return told.result.front[:most]
    among = told.result.feasible or told.result.succeeded
    best = sorted(among, key=lambda trial: -trial.reward)
    once = {trial.architecture: trial for trial in reversed(best)}
    return tuple(trial for trial in best if once[trial.architecture] is trial)[:most]


def to_csv(told: Trials) -> str:
    """All trials, a line each, numbers in full, with the architectures as JSON."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    result = told.result
    count = max((len(trial.rewards) for trial in result.succeeded), default=1)
    rewards = ["reward"] if count == 1 else [f"reward_{number}" for number in range(1, count + 1)]
    fixed = ["trial", "parent", "feasible", "on_front", "seconds", "failure"]
    writer.writerow([*fixed, *rewards, *told.metrics, "architecture"])
    feasible = {trial.number for trial in result.feasible}
    front = {trial.number for trial in result.front}
    for trial in result.trials:
        own = trial.rewards or [""] * count
        metrics = [trial.metrics.get(name, "") for name in told.metrics]
        architecture = json.dumps(json.loads(trial.architecture.to_json()), ensure_ascii=False)
        writer.writerow(
            [
                trial.number,
                "" if trial.parent is None else trial.parent,
                int(trial.number in feasible),
                int(trial.number in front),
                trial.seconds,
                trial.failure,
                *own,
                *metrics,
                architecture,
            ]
        )
    return file.getvalue()


def _remark(told: Trials, trial: Trial) -> str:
    if trial.failure:
        return f"failed: {trial.failure}"
    if not told.result.objective.feasible(trial.metrics):
        return "beyond the bounds"
    numbers: Sequence[int] = [each.number for each in told.result.front]
    return "front" if trial.number in numbers and len(told.metrics) > 1 else ""
