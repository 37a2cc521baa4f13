# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One strategy for all tests here: a second one in a process reuses the first one's collectives."""

import pytest


@pytest.fixture(scope="session")
def two_replicas():
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
