# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run runs on: devices, threads, workers, memory, interruption, custom C++ ops."""
