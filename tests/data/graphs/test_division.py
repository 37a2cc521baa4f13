# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs are divided as the data set says, into folds, or class by class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.data.division import ROLES, TEST, TRAIN, UNUSED, VALIDATION
from snas_tf.data.graphs import Graphs, cluster
from snas_tf.data.graphs.division import division_of, fold_of_each
from snas_tf.data.graphs.source import GraphSource
from snas_tf.errors import InvalidInput

ARGUMENTS = {"validation_fraction": 0.25, "num_images": 0, "seed": 0}


def labelled(labels):
    """A graph of one node for each label."""
    graph = {"nodes": np.ones((1, 1)), "sources": [], "targets": []}
    return GraphSource(
        name="set",
        graphs=Graphs.of([{**graph, "label": each} for each in labels], class_names="abc"),
    )


def one_graph(labels):
    """One graph whose nodes have labels."""
    graph = {"nodes": np.ones((len(labels), 1)), "sources": [0], "targets": [1], "label": labels}
    return GraphSource(name="one", graphs=Graphs.of([graph], level="node", class_names="abc"))


@settings(max_examples=60)
@given(labels=st.lists(st.integers(0, 2), min_size=3, max_size=60), folds=st.integers(3, 10))
def test_folds_share_every_class(labels, folds):
    labels = np.array(labels)
    found = fold_of_each(labels, folds)
    counts = np.array([np.bincount(found[labels == each], minlength=folds) for each in range(3)])
    assert (np.ptp(counts, axis=1) <= 1).all()
    assert np.ptp(counts.sum(axis=0)) <= 1


def test_every_example_is_tested_in_one_fold_and_validated_in_another():
    source = labelled([0, 1, 2] * 10)
    roles = np.array(
        [division_of(source, **ARGUMENTS, folds=5, fold=fold)["graphs"] for fold in range(5)]
    )
    for role in (TEST, VALIDATION):
        assert ((roles == role).sum(axis=0) == 1).all()
    assert ((roles == TRAIN).sum(axis=0) == 3).all()


def test_folds_are_the_same_whatever_the_seed():
    source = labelled([0, 1, 2] * 10)
    first = division_of(source, **ARGUMENTS, folds=3)
    other = division_of(source, **{**ARGUMENTS, "seed": 9}, folds=3)
    np.testing.assert_array_equal(first["graphs"], other["graphs"])


def test_what_a_data_set_fixes_is_kept():
    source = cluster.read("10")
    found = division_of(source, **ARGUMENTS)
    np.testing.assert_array_equal(found["graphs"], source.roles)
    fewer = division_of(source, **{**ARGUMENTS, "num_images": 4})["graphs"]
    assert np.bincount(fewer, minlength=len(ROLES)).tolist() == [4, 1, 1, 6]
    np.testing.assert_array_equal(np.flatnonzero(fewer == TRAIN), np.arange(4))


def test_nodes_of_one_graph_are_divided_class_by_class_but_those_without_a_class():
    labels = [0, 1, 2, -1] * 20
    found = division_of(one_graph(labels), **ARGUMENTS)["nodes"]
    np.testing.assert_array_equal(found == UNUSED, np.array(labels) < 0)
    for each in range(3):
        assert np.bincount(found[np.array(labels) == each]).tolist() == [12, 4, 4]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"folds": 2}, "`data.folds` must be 0, or between 3 and the 30 examples: given 2"),
        ({"folds": 31}, "`data.folds` must be 0, or between 3 and the 30 examples: given 31"),
        ({"folds": 5, "fold": 5}, "`data.fold` must be between 0 and 4"),
    ],
)
def test_folds_that_cannot_be_are_refused(arguments, words):
    with pytest.raises(InvalidInput, match=words):
        division_of(labelled([0, 1, 2] * 10), **ARGUMENTS, **arguments)


def test_a_fixed_division_is_not_folded_and_gives_no_more_than_it_has():
    source = cluster.read("10")
    with pytest.raises(InvalidInput, match="`data.folds` must be 0 with 'cluster'"):
        division_of(source, **ARGUMENTS, folds=5)
    with pytest.raises(InvalidInput, match="at most the 10 training examples"):
        division_of(source, **{**ARGUMENTS, "num_images": 11})
