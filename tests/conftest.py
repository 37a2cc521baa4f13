# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One process for all tests: two logical CPU devices, quiet logs, one thread an operation."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import hypothesis
import keras
import numpy as np
import pytest

EXPENSIVE = {"exported", "searched", "server", "two_replicas", "uninterrupted"}
"""Fixtures that take seconds: an export, a search, a server, a graph for every replica."""

LONGEST = ("tests/end_to_end/", "tests/serving/", "tests/training/")

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is no failure
hypothesis.settings.load_profile("any machine")


def pytest_configure(config):
    import tensorflow as tf

    tf.config.threading.set_inter_op_parallelism_threads(2)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def pytest_collection_modifyitems(items):
    """A test is as slow as what it is built on; and the files that take longest come first, lest
    one process is left with them when the others are done."""
    for item in items:
        if EXPENSIVE.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(autouse=True)
def _same_start():
    """Every test starts from one seed, under the default policy, in a fresh Keras session, and with
    TensorFlow's operations: a run in a test before may have put our own in use."""
    from snas_tf import native

    native.use(False)
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def two_replicas():
    """One for all tests: TensorFlow gives a second strategy the keys of the first one's sums."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture
def native_operations():
    """Lets layers take the custom C++ ops in this test, which needs a C++ compiler."""
    from snas_tf import native
    from snas_tf.native import library

    try:
        library._compiler()
    except native.Unavailable as reason:
        pytest.skip(str(reason))
    native.use()
    yield
    native.use(False)
