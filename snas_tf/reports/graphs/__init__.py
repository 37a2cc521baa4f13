# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of graphs in a report: both chains of every layer, drawn."""
