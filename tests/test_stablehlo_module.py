# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What benchmarks/ hands to other runtimes, and how it waits for its processes."""

import importlib.util
import os
import pathlib
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

BENCHMARKS = pathlib.Path(__file__).parents[1] / "benchmarks"
ECHO = """
import sys
sys.path.insert(0, {folder!r})
from timed_process import serve_device
done = []
seen = lambda: {{"seen": len(done)}}
serve_device(done.append, 0.0, seen, lambda: {{"busy_ms": 7.0}}, name="echo")
"""


def benchmark(name):
    specification = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def process(program, limit):
    words = [sys.executable, "-c", program]
    return benchmark("timed_process").Process(words, dict(os.environ), limit)


@pytest.fixture(scope="module")
def step():
    """A step with everything that a search step has: variables read, changed and counted, noise."""
    images = tf.constant(np.linspace(-1, 1, 2 * 6 * 6 * 3).reshape(2, 6, 6, 3), tf.float32)
    scale = tf.constant([0.5, 2.0])
    kernel = tf.Variable(tf.reshape(tf.range(54, dtype=tf.float32) / 54, (3, 3, 3, 2)))
    rate = tf.Variable(0.1)
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function(jit_compile=True)
    def update(images):
        with tf.GradientTape() as tape:
            noise = tf.random.stateless_uniform((2,), tf.stack([3, count]))
            loss = tf.reduce_sum(
                tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "SAME")) * noise * scale
            )
        kernel.assign_sub(rate * tape.gradient(loss, kernel))
        count.assign_add(1)
        return {"count": count + 10, "loss": loss}

    return update, images, kernel, count


def test_the_module_computes_what_the_function_does_and_says_where_the_variables_are(step):
    update, images, kernel, count = step
    exported = benchmark("stablehlo_module").module(update, images)
    parameters = exported.values()
    assert len(exported.state) == 2
    results = xla.call_module(
        parameters,
        version=9,
        module=exported.artifact,
        Sout=[(), (), *(parameters[place].shape for _, place in exported.state)],
        Tout=[tf.int64, tf.float32, *(parameters[place].dtype for _, place in exported.state)],
        platforms=["CPU"],
    )
    before = kernel.numpy()
    logs = update(images)
    np.testing.assert_allclose(results[0], logs["count"])
    np.testing.assert_allclose(results[1], logs["loss"], rtol=1e-6)
    new = {exported.parameters[place] is kernel.handle: results[i] for i, place in exported.state}
    assert np.abs(kernel.numpy() - before).max() > 0.01
    np.testing.assert_allclose(new[True], kernel, rtol=1e-5)
    assert int(new[False]) == int(count) == 1


def test_a_process_answers_blocks_and_a_profile():
    running = process(ECHO.format(folder=str(BENCHMARKS)), 60.0)
    running.run_block()
    running.run_profile()
    running.close()
    figures = running.figures()
    assert figures["name"] == "echo" and figures["busy_ms"] == 7.0
    assert figures["seen"] == 4  # twice to learn how long a step takes, then a warm-up, a block
    assert figures["step_ms"] >= 0


def test_a_process_over_its_limit_is_ended():
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="more than 1 s"):
        process("import time; time.sleep(600)", 1.0)
    assert time.monotonic() - start < 60


def test_a_process_that_fails_is_told_with_its_words():
    with pytest.raises(RuntimeError, match="no such device"):
        process("raise SystemExit('no such device')", 60.0)
