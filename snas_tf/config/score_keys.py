# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The section `score`: networks that are ranked without training."""

from snas_tf.config.key import Key
from snas_tf.evaluation import score_names

SCORE = {
    "scores": Key(
        ("naswot",),
        score_names.NAMES,
        "Scores that networks are ranked by, by the sum of their ranks; the sizes are told in any "
        "case.",
    ),
    "num_networks": Key(100, "[2, inf)", "Random networks of the space, where no files are given."),
    "batch_size": Key(128, "[2, inf)", "Training images that they are scored on."),
}
