# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""When a search ends, with which network, and which of several searches is kept."""
