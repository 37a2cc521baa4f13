# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The shape of a tensor as Keras gives it to a layer: None where it may be any size."""

Shape = tuple[int | None, ...]
