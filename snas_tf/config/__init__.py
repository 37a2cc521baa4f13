# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The one default config: every key with its meaning and its range, and what it is refused for.

The defaults search on the handwritten digits that come with scikit-learn, in a few minutes on two
cores. A config file changes some of them (see configs/), and so does `--config.search.epochs=30` on
the command line. Every config has exactly these keys, with values of the same types.
"""

from snas_tf.config.ablation_checks import check_ablation
from snas_tf.config.checks import check, check_key
from snas_tf.config.defaults import KEYS, flatten, get_config
from snas_tf.config.key import Key, must_be
from snas_tf.config.resource_levels import RESOURCE_WEIGHTS, resource_weight

__all__ = [
    "KEYS",
    "RESOURCE_WEIGHTS",
    "Key",
    "check",
    "check_ablation",
    "check_key",
    "flatten",
    "get_config",
    "must_be",
    "resource_weight",
]
