# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of graph cells: the supernet of the search, and the network of an architecture."""
