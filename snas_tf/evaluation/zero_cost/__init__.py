# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What an untrained network promises: scores of one batch, of any Keras model."""

from snas_tf.evaluation.zero_cost.evaluator import ZeroCost
from snas_tf.evaluation.zero_cost.ranks import correlation, rank_sum
from snas_tf.evaluation.zero_cost.scores import score, scores

__all__ = ["ZeroCost", "correlation", "rank_sum", "score", "scores"]
