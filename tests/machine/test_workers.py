# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What one worker does alone; what several do together is in tests/end_to_end/test_workers.py."""

import pytest
import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.machine.cluster import Cluster
from snas_tf.machine.workers import Workers


class OfTwo(Workers):
    """Worker 0 of two, of whose other one it is known what it says."""

    def __init__(self, said):
        super().__init__(Cluster(2, 0), tf.distribute.get_strategy())
        self._said = iter(said)

    def sums(self, values):
        return [value + other for value, other in zip(values, next(self._said), strict=True)]


@pytest.fixture
def alone():
    return Workers(Cluster(), tf.distribute.get_strategy())


def test_alone_everything_is_its_own(alone):
    assert alone.is_chief and alone.describe() == "one device"
    assert alone.sums([True, 2.5]) == [1.0, 2.5]
    alone.check_same(7, "the step")
    done = []
    alone.on_chief(lambda: done.append(True))
    assert done == [True]


def test_what_the_chief_raises_it_raises(alone):
    def fail():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        alone.on_chief(fail)


def test_the_others_hear_that_the_chief_failed():
    with pytest.raises(Failure, match="chief could not go on"):
        OfTwo([[1.0]]).on_chief(lambda: None)


def test_workers_that_do_not_share_a_folder_are_told():
    OfTwo([[0.0, 512.0]]).check_same(512.0, "the step")
    with pytest.raises(Failure, match=r"disagree about the step \(512 on this one\).*--workdir"):
        OfTwo([[0.0, 0.0]]).check_same(512.0, "the step")


def test_the_sum_over_the_replicas_of_one_worker_counts_it_once(two_replicas):
    workers = Workers(Cluster(2, 0), two_replicas)
    # Both replicas stand for one worker each here.
    assert workers.sums([1.5, 0.0]) == [3.0, 0.0]
    assert workers.describe() == "2 devices of 2 workers"
