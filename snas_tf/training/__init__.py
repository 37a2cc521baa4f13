# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Keras models on any number of devices: step functions, replicas, optimizers."""
