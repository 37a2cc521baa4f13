# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From a child network to a SavedModel that TF-Serving loads."""

from snas_tf.serving.saved_model import SIGNATURE, TOLERANCE, export, served, versions

__all__ = ["SIGNATURE", "TOLERANCE", "export", "served", "versions"]
