# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network found is one: what is evaluated, predicted and called is what `child()` gives."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ResourceCost, space
from tests.search.small_models import CELLS, CROSS_ENTROPY, TINY, build, build_compiled, digits

pytestmark = pytest.mark.slow

SKELETON = TINY["skeleton"]
IMAGES, LABELS = digits(0, 40)
NO_NONE = space.CellSpace(2, ("skip_connect", "sep_conv_3x3"))


def budget_of(logits):
    """A cost whose budget the most probable operations just miss."""
    mode = build(skeleton=SKELETON, logits=logits).genotype()
    limit = space.cost(mode, SKELETON).parameters - 1
    return ResourceCost(
        space.cell_cost_table(CELLS, SKELETON), budget=space.Budget(parameters=limit)
    )


def model_of(case, **arguments):
    """A model of which another network than the mode is found."""
    settings = {
        "budget": lambda: {"resource_cost": budget_of(1.0)},
        "top2": lambda: {"derivation": "top2", "cells": NO_NONE},
        "top2, one operation an edge": lambda: {
            "derivation": "top2",
            "cells": NO_NONE,
            "estimator": "straight_through",
        },
    }[case]()
    settings |= {"skeleton": SKELETON, **arguments}
    return build_compiled(logits=1.0, temperature=1.0, **settings)


def check(model, images=IMAGES, labels=LABELS):
    """All ways to ask the model against its child network."""
    child = model.child()
    assert child.genotype == model.genotype()
    expected = child.predict(images, verbose=0)
    np.testing.assert_allclose(model(images), expected, atol=1e-5)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-5)
    np.testing.assert_allclose(model.predict_on_batch(images), expected, atol=1e-5)
    evaluated = model.evaluate(images, labels, batch_size=16, verbose=0, return_dict=True)
    np.testing.assert_allclose(evaluated["loss"], CROSS_ENTROPY(labels, expected), rtol=1e-5)
    np.testing.assert_allclose(evaluated["accuracy"], np.mean(expected.argmax(-1) == labels))
    return evaluated


@pytest.mark.parametrize(
    ("case", "eagerly"),
    [("budget", False), ("top2", True)],
)
def test_everything_answers_for_the_child(case, eagerly, tmp_path):
    model = model_of(case, compile_with={"run_eagerly": eagerly})
    assert model.genotype() != model.architecture.genotype()
    check(model)
    history = model.fit(
        IMAGES, LABELS, batch_size=20, validation_data=(IMAGES, LABELS), verbose=0
    ).history
    in_a_graph = None if eagerly else tf.function(model)(IMAGES)
    evaluated = check(model)
    assert history["val_accuracy"] == [evaluated["accuracy"]]
    np.testing.assert_allclose(history["val_loss"], evaluated["loss"], rtol=1e-6)
    if not eagerly:
        np.testing.assert_allclose(in_a_graph, model.child()(IMAGES), atol=1e-5)
    model.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    assert loaded.genotype() == model.genotype()
    assert check(loaded) == evaluated


def test_edges_left_out_of_a_space_without_none_give_nothing_to_one_operation_either():
    check(model_of("top2, one operation an edge", compile_with={"run_eagerly": True}))


def test_logits_that_changed_and_a_budget_that_was_set_count_at_once():
    eagerly = {"run_eagerly": True}
    model = build_compiled(skeleton=SKELETON, logits=1.0, temperature=1.0, compile_with=eagerly)
    free = check(model)
    model.resource_cost = budget_of(1.0)
    bound = check(model)
    assert bound["loss"] != free["loss"]
    for logits in model.architecture.logits.values():
        logits.assign(-logits)
    check(model)
    assert model.test_on_batch(IMAGES, LABELS, return_dict=True)["loss"] != bound["loss"]


def test_replicas_evaluate_the_child(two_replicas):
    with two_replicas.scope():
        model = model_of("budget")
    history = model.fit(
        IMAGES, LABELS, batch_size=20, validation_data=(IMAGES, LABELS), verbose=0
    ).history
    expected = model.child().predict(IMAGES, verbose=0)
    assert history["val_accuracy"] == [pytest.approx(np.mean(expected.argmax(-1) == LABELS))]
    np.testing.assert_allclose(model.predict(IMAGES, verbose=0), expected, atol=1e-5)


def test_a_diverged_search_still_evaluates():
    model = model_of("budget", compile_with={"run_eagerly": True})
    for logits in model.architecture.logits.values():
        logits.assign(np.full(logits.shape, np.nan))
    assert np.isfinite(model.evaluate(IMAGES, LABELS, verbose=0)[0])


def test_top2_does_not_go_with_a_budget():
    with pytest.raises(ValueError, match="A budget needs the derivation 'argmax'"):
        build(skeleton=SKELETON, derivation="top2", resource_cost=budget_of(1.0))
