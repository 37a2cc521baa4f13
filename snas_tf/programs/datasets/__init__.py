# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The data set of a config, what a run knows of it, and how it is bound to it."""
