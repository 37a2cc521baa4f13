# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The linear and the logarithmic form against NumPy and against figures of the authors' code."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.search.cost import forms as cost_forms

FIRST_CELL = space.Skeleton(num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3))


@pytest.fixture
def given():
    """Samples, tables, counts and weights of 5 edges, 3 operations, 2 kinds of cell, 3 costs."""
    generator = np.random.default_rng(0)
    samples = generator.dirichlet(np.ones(3), 5)
    tables = generator.uniform(0, 1000, (2, 5, 3, 3))
    return [np.float32(value) for value in (samples, tables, [0.25, 0.75], [1, 0.2, 3])]


def test_linear_is_the_weighted_sum(given):
    samples, tables, counts, weights = given = [np.asarray(value) for value in given]
    each = np.einsum("eo,ueoc->uec", samples, tables)
    expected = 0.25 * (each[0] @ weights) + 0.75 * (each[1] @ weights)
    np.testing.assert_allclose(cost_forms.linear(*given), expected, rtol=1e-5)


def test_logarithmic_is_the_weighted_sum_of_logarithms_of_every_cell(given):
    samples, tables, counts, weights = given
    each = np.log(np.maximum(np.einsum("eo,ueoc->uec", samples, tables), 1))
    expected = 0.25 * (each[0] @ weights) + 0.75 * (each[1] @ weights)
    np.testing.assert_allclose(cost_forms.logarithmic(*given), expected, rtol=1e-5)


def test_logarithmic_has_no_gradient_below_one():
    tables = tf.constant([[[[0.5], [0.9]], [[5.0], [9.0]]]])
    samples = tf.constant([[0.5, 0.5], [0.5, 0.5]])
    with tf.GradientTape() as tape:
        tape.watch(samples)
        costs = cost_forms.logarithmic(samples, tables, tf.ones(1), tf.ones(1))
    gradient = tape.gradient(costs, samples).numpy()
    np.testing.assert_array_equal(gradient[0], 0.0)
    np.testing.assert_allclose(gradient[1], [5 / 7, 9 / 7], rtol=1e-6)


@pytest.mark.parametrize(
    ("operation", "penalty"),
    [
        ("none", 0.0),
        ("skip_connect", 3.47),
        ("max_pool_3x3", 7.43),
        ("dil_conv_3x3", 10.00),
        ("dil_conv_5x5", 10.34),
        ("sep_conv_3x3", 10.70),
        ("sep_conv_5x5", 11.03),
    ],
)
def test_logarithmic_penalty_of_an_operation(operation, penalty):
    """Figures of the released code for 16 channels at 32x32."""
    cells = space.CellSpace(1)
    table = space.cell_costs(cells, FIRST_CELL.plan(1)[0])[None].astype("float32")
    one_hot = np.eye(8, dtype="float32")[[cells.primitives.index(operation)] * 2]
    thirds = tf.fill((3,), 1 / 3)
    value = cost_forms.logarithmic(one_hot, table, tf.ones(1), thirds)
    np.testing.assert_allclose(value, penalty, atol=0.006)
