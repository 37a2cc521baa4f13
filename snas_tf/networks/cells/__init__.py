# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of cells: supernet, child network, and the child in plain Keras layers."""
