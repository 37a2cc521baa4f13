# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by morphs as one object with `fit`."""

from snas_tf.fitting.morphs.morph_search import MorphSearch

__all__ = ["MorphSearch"]
