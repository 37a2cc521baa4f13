# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=search by trials: whole networks are proposed, evaluated and compared, as a run."""
