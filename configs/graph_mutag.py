# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A network of graphs for MUTAG: is a molecule mutagenic? A fold of ten.

    python -m snas_tf.main --mode=search --config=configs/graph_mutag.py \
        --config.data.source=tu:MUTAG --config.data.fold=0 --workdir=runs/mutag_0

MUTAG is a folder of tables as TUDataset publishes it (https://chrsmrrs.github.io/datasets); any
other one of its sets goes in the same way, as do `csv:FOLDER` and `npz:FILE`. The ten folds, tested
on one after the other with the next one for validation, give the mean and deviation that the field
reports.

Expected: two thirds of the molecules are of one class, and graph networks reach 85 to 90 % in the
mean of ten folds, with a deviation of about 7 points; of one fold, 18 or 19 molecules, little can
be said.
"""

from snas_tf import config as base


def get_config():
    """A search on one fold of molecules."""
    config = base.get_config()
    config.space.name = "graph"
    config.space.num_layers = 2
    config.data.source = "tu:MUTAG"
    config.data.task = "graph"
    config.data.folds = 10
    config.data.batch_size = 32
    config.search.epochs = 60
    config.search.learning_rate = 0.025
    config.search.warmup_epochs = 10
    config.train.epochs = 60
    config.train.learning_rate = 0.025
    return config
