# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Running metrics that were collected and restored go on to the bit, replica by replica."""

import numpy as np
import pytest

from snas_tf.fitting import metric_state
from tests.search.small_models import build_compiled, digits


@pytest.fixture(params=[1, 2])
def replicas(request):
    return request.param


@pytest.fixture
def network(request, replicas):
    if replicas == 1:
        return build_compiled(estimator="softmax")
    with request.getfixturevalue("two_replicas").scope():
        return build_compiled(estimator="softmax")


def evaluate(network, start, stop):
    network.evaluate(*digits(start, stop), batch_size=stop - start, verbose=0)


@pytest.mark.slow
def test_collecting_has_a_row_a_replica_and_restoring_gives_it_back(network, replicas):
    evaluate(network, 0, 10)
    state = metric_state.collect(network)
    assert {len(array) for array in state} == {replicas}
    evaluate(network, 10, 30)
    pairs = zip(metric_state.collect(network), state, strict=True)
    assert not any(np.array_equal(*pair) for pair in pairs)
    metric_state.restore(network, state)
    for left, right in zip(metric_state.collect(network), state, strict=True):
        np.testing.assert_array_equal(left, right)


def test_on_another_number_of_replicas_the_sums_are_kept(two_replicas):
    with two_replicas.scope():
        shared = build_compiled(estimator="softmax")
    evaluate(shared, 0, 10)
    state = metric_state.collect(shared)
    alone = build_compiled(estimator="softmax")
    evaluate(alone, 0, 4)
    metric_state.restore(alone, state)
    for name, value in shared.get_metrics_result().items():
        np.testing.assert_allclose(alone.get_metrics_result()[name], value, rtol=1e-6)
    metric_state.restore(shared, metric_state.collect(alone))
    for name, value in alone.get_metrics_result().items():
        np.testing.assert_allclose(shared.get_metrics_result()[name], value, rtol=1e-6)


@pytest.mark.slow
def test_metrics_of_another_model_are_refused():
    network = build_compiled()
    evaluate(network, 0, 4)
    with pytest.raises(ValueError, match="not those that were collected"):
        metric_state.restore(network, metric_state.collect(network)[:-1])
