# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A network of graphs for CLUSTER: to which of six communities does each node belong? No download.

    python -m snas_tf.main --mode=search --config=configs/graph_cluster.py --workdir=runs/cluster

The graphs are drawn by the rules of "Benchmarking Graph Neural Networks" (Dwivedi et al., 2020):
200 to learn from here, 20 to validate and 20 to test on; `--config.data.source=graphs:cluster` is a
tenth of the published number, and `graphs:cluster:10000` all of it. Each of two layers finds how
the states of nodes and of edges are made (EGNAS, arXiv 2109.01356). Known networks of the same
space, to compare with, each trained by itself:

    python -m snas_tf.main --mode=train --config=configs/graph_cluster.py \
        --config.train.genotype=gated_gcn --workdir=runs/cluster_gated_gcn

Expected: a network far above the 17 % of chance; how far was not measured on an idle machine. The
classes are nearly alike in number, so that accuracy and balanced accuracy hardly differ.
"""

from snas_tf import config as base


def get_config():
    """A search on a small part of CLUSTER."""
    config = base.get_config()
    config.space.name = "graph"
    config.space.num_layers = 2
    config.data.source = "graphs:cluster:200"
    config.data.task = "node"
    config.data.batch_size = 16
    config.search.epochs = 20
    config.search.learning_rate = 0.025
    config.search.warmup_epochs = 2
    config.train.epochs = 20
    config.train.learning_rate = 0.025
    return config
