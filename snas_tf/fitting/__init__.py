# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A fit that cannot be lost: checkpoints, progress, best network, history."""
