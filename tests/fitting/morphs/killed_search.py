# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Bayesian search of networks that grow, for a process that is to be killed."""

import zlib

from snas_tf import black_box, space
from snas_tf.runs.trial_log import TrialLogFile

TRIALS = 14
ROOT = space.convolutional_root((6, 6, 1), 2, num_blocks=1, filters=4)
MORPHS = space.MorphSpace(ROOT, max_layers=16)


class Judge:
    """What a network is worth by chance, which follows from it and from its parent."""

    inherits = True

    def evaluate(self, architecture, *, seed, parent=None):
        told = f"{architecture.to_json()} {seed} {parent and parent.seed}"
        return {"accuracy": zlib.crc32(told.encode()) / 2**32}


def search(path, pipe=None):
    """Begins the search or goes on with it; tells of every trial that ended, by a pipe."""
    return black_box.search(
        black_box.Bayesian(),
        MORPHS,
        Judge(),
        TRIALS,
        seed=3,
        log=TrialLogFile(path, MORPHS),
        progress=pipe and (lambda trial, result: pipe.send(trial.number)),
    )
