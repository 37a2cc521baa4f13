# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Search on CIFAR-10 under the moderate resource constraint.

    python -m snas_tf.main --mode=search --config=configs/cifar10_search_moderate.py \
        --workdir=runs/cifar10_moderate

As configs/cifar10_search.py, with the cost of the network in the loss. Expected, from the paper, of
the network it found and trained as configs/cifar10_train.py does: 2.85 % test error with 2.8
million weights. Not repeated by this project: a search takes days on two cores.

The paper never published its eta. This one was calibrated on the digits (see RESOURCE_WEIGHTS in
snas_tf/config/); that it gives the same on CIFAR-10 is not known.
--config.search.target_parameters and target_multiply_adds need no eta.
"""

import pathlib
import runpy

from snas_tf import config as base


def get_config():
    """The paper's search with the moderate constraint."""
    search = runpy.run_path(str(pathlib.Path(__file__).with_name("cifar10_search.py")))
    config = search["get_config"]()
    config.search.resource_weight = base.resource_weight("moderate")
    return config
