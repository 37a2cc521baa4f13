# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""NAS without training (arXiv 2006.04647) on NAS-Bench-201: the best by score of random networks.

    python -m snas_tf.main --mode=search --config=configs/naswot.py --workdir=runs/naswot

A search by trials whose evaluator is the score of an untrained network: 100 random networks, of
which the one with the greatest score is found. To see all scores, sizes and rank correlations in a
table, with true accuracies where there is a file of them:

    python -m snas_tf.main --mode=score --config=configs/naswot.py --workdir=runs/scores \
        --config.evaluation.table=nasbench201_cifar10.npz

Expected: three seconds of a core a network, six minutes of one in all. By the table of
--config.evaluation.table the cell that was found has a test accuracy of 92.91, the best of the 100
has 94.29, their mean is 86.83; docs/scores.md has what is picked on average.
"""

from snas_tf import config as base


def get_config():
    """NASWOT with networks of the benchmark's own size."""
    config = base.get_config()
    config.space.name = "nas_bench_201"
    config.data.source = "tfds:cifar10"
    config.network.num_cells = 5
    config.network.init_channels = 16
    config.search.method = "random"
    config.trials.number = 100
    config.trials.evaluator = "zero_cost"
    config.trials.metric = "naswot"
    config.score.num_networks = 100
    return config
