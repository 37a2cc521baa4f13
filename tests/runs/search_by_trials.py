# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials as a program of its own, to be killed: its log, its workers, its trials."""

import sys
import time

from snas_tf import black_box
from snas_tf.runs.trial_log import TrialLogFile
from tests.black_box import toy

SEED = 3
SECONDS = 0.01


def slow(architecture):
    time.sleep(SECONDS)
    return toy.evaluate(architecture)


def run(path, workers, trials, progress=None):
    return black_box.search(
        black_box.RegularizedEvolution(population=10, tournament=3),
        toy.SPACE,
        slow,
        trials,
        SEED,
        executor=black_box.Processes(workers) if workers > 1 else None,
        log=TrialLogFile(path, toy.SPACE),
        progress=progress,
    )


if __name__ == "__main__":
    _, path, workers, trials = sys.argv
    run(path, int(workers), int(trials), lambda trial, _: print(trial.number, flush=True))
