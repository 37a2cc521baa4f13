# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Formats other than SavedModel: LiteRT and ONNX."""

from snas_tf.serving.formats.conversion import FILES, FORMATS, check, convert, predictor

__all__ = ["FILES", "FORMATS", "check", "convert", "predictor"]
