# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grew by morphs, drawn and told layer by layer."""
