# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of graphs: cells of two chains of states, one of the nodes and one of the edges."""
