# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What graph networks are made of: batches as one graph, messages, operations, heads."""
