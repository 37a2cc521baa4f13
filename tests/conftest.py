# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One process for all tests: two logical CPU devices, quiet logs, one thread an operation."""

import gc
import importlib
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import hypothesis
import keras
import numpy as np
import pytest

EXPENSIVE = {"exported", "searched", "server", "two_replicas", "uninterrupted"}
"""Fixtures that take seconds: an export, a search, a server, a graph for every replica."""

SLOW = (
    "tests/end_to_end/",
    "tests/evaluation/test_training.py",
    "tests/fitting/morphs/",
    "tests/networks/choices/test_choice_supernet.py",
    "tests/networks/graphs/test_graph_networks.py",
    "tests/networks/graphs/test_graph_search.py",
    "tests/programs/test_measured_memory.py",
    "tests/test_choice_page.py",
)
"""Where nearly every test builds or trains a network."""

LONGEST = ("tests/end_to_end/", "tests/serving/", "tests/training/", "tests/fitting/")

TOGETHER = (
    ("tests/deployment/",),
    ("tests/serving/test_",),
    tuple(
        f"tests/end_to_end/test_{name}.py"
        for name in (
            "commands",
            "faults",
            "plain_network",
            "readme_example",
            "resume",
            "trial_evaluators",
            "true_accuracy",
        )
    ),
)
"""Files that share what takes long to make: a server, an export, the one search of
tests/end_to_end/conftest.py. Where several processes run the tests, one has all of them."""

AS_WRITTEN = (
    "tests/conformance/",
    "tests/end_to_end/test_bound_to_data.py",
    "tests/end_to_end/test_chain.py",
    "tests/end_to_end/test_damaged_images.py",
    "tests/end_to_end/test_morphs.py",
    "tests/end_to_end/test_warnings.py",
    "tests/evaluation/",
    "tests/fitting/",
    "tests/networks/",
    "tests/programs/",
    "tests/search/",
    "tests/test_choice_page.py",
    "tests/training/",
)
"""Whose graphs TensorFlow computes as they are written: to rewrite them first takes a quarter of
the time of a test that runs each a few times. Elsewhere, where bits are compared with those of a
process of its own, and in such processes, they are rewritten as a user's are."""

REWRITTEN = ("test_latency", "test_measured_memory", "test_memory", "test_rematerialization")
"""Where time or memory are measured, which the rewriting changes."""

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is no failure
hypothesis.settings.load_profile("any machine")


def pytest_configure(config):
    import tensorflow as tf

    tf.config.threading.set_inter_op_parallelism_threads(2)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def pytest_collection_finish():
    """What is imported and collected stays: Python need not look for garbage in it again and again,
    nor in all that a test makes as often as in a program that makes little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items):
    """A test is as slow as what it is built on; and the files that take longest come first, lest
    one process is left with them when the others are done."""
    for item in items:
        if EXPENSIVE.intersection(item.fixturenames) or item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_xdist_make_scheduler(config, log):
    """As --dist=loadfile, with more than a file where they share something."""
    schedulers = importlib.import_module("xdist.scheduler")  # it is there, or this is not called

    class ByWhatIsShared(schedulers.LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return next((files[0] for files in TOGETHER if file.startswith(files)), file)

    return ByWhatIsShared(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before the fixtures of a module too, or the first test of a file would be compared with what
    was computed in the way of the file before."""
    import tensorflow as tf

    name = item.nodeid
    as_written = name.startswith(AS_WRITTEN) and not any(word in name for word in REWRITTEN)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": as_written})


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
