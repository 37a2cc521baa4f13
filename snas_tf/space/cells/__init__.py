# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of cells: operations, cells, skeletons, genotypes, and their costs."""
