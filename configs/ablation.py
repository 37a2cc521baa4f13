# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""What tricks of the trade are worth on the handwritten digits: five seeds with and without each.

    python -m snas_tf.main --mode=ablate --config=configs/ablation.py --workdir=runs/ablation

Expected: thirty searches of 30 epochs, about half an hour of two cores with a C++ compiler; the
same command goes on where it was stopped. The table is in runs/ablation/ablation.html.
"""

from snas_tf import config as base


def get_config():
    """The default search, half as long, and the tricks; snas_tf/config/ explains every key."""
    config = base.get_config()
    config.search.epochs = 30
    config.ablate.toggles = (
        "search.warmup_epochs=5",
        "search.derivation=samples",
        "search.derivation=perturbation; search.derivation_epochs=0",
        "search.estimator=softmax",
        "search.estimator=softmax; search.derivation=perturbation",
    )
    return config
