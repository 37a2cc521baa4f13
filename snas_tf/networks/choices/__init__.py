# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Any Keras model with choices in it: searched, and made plain again."""
