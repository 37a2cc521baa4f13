# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search by trials has found: its record, its way there, as texts and as pictures."""
