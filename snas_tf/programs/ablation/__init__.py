# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches that differ in one thing each: what a trick is worth."""
