# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grow by morphs: layer graphs, what may be added to one, how unlike two are."""
