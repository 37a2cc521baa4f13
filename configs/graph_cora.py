# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A network for Cora: of which field is each of 2,708 papers that cite each other? Public split.

    python -m snas_tf.main --mode=search --config=configs/graph_cora.py \
        --config.data.source=npz:cora.npz --workdir=runs/cora

The file holds one graph: `edges`, each link once; the words of the papers as sparse features,
`num_nodes`, `num_features`, `feature_row`, `feature_col` and `feature_val`; the classes `label`;
and the public split of Planetoid, `train_idx` (20 papers a class), `val_idx` (500) and `test_idx`
(1,000). An epoch is one step, for all of the graph is always seen; Citeseer goes in the same way.

Expected: two-layer networks with dropout reach 81 % of the test papers; these have none and 140
papers to learn from, so expect less.
"""

from snas_tf import config as base


def get_config():
    """A search on one graph."""
    config = base.get_config()
    config.space.name = "graph"
    config.space.num_layers = 1
    config.network.edge_states = False
    config.data.source = "npz:cora.npz"
    config.data.task = "node"
    config.data.both_directions = True
    config.data.batch_size = 1
    config.search.epochs = 100
    config.search.learning_rate = 0.01
    config.search.weight_decay = 5e-3
    config.search.warmup_epochs = 10
    config.train.epochs = 100
    config.train.learning_rate = 0.01
    config.train.weight_decay = 5e-3
    return config
