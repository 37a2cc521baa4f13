# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search by trials has recorded, read again for reports."""

from __future__ import annotations

import dataclasses

from snas_tf import black_box, reports
from snas_tf.black_box import SearchResult
from snas_tf.programs import problems
from snas_tf.programs.trials import objectives
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.trial_log import TrialLogFile


def trials(directory: RunDirectory) -> reports.Trials | None:
    """The trials of a run and what its objective makes of them, whether it is finished or not.

    Args:
        directory: The run directory.

    Returns:
        Those that ended; None where there was no search by trials.
    """
    recorded = directory.recorded("search")
    if "trials" not in recorded or not directory.trials_path.exists():
        return None
    searched = problems.family(recorded).space_of(recorded)
    objective = objectives.objective(recorded["trials"])
    found = [
        dataclasses.replace(trial, rewards=objective(trial.metrics)) if trial.metrics else trial
        for trial in TrialLogFile(directory.trials_path, searched).read()
    ]
    result, predictions = SearchResult.of(found, objective), ()
    one = all(len(trial.rewards) == 1 for trial in result.succeeded)
    if one and recorded["search"]["method"] == "bayesian":
        predictions = tuple(black_box.Bayesian().predictions(result.succeeded, searched))
    return reports.Trials(
        result=result,
        predictions=predictions,
        planned=recorded["trials"]["number"],
        method=recorded["search"]["method"],
    )
