# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains of convolutions, of which every layer has its own width and kernel size."""
