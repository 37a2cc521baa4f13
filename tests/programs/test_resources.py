# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a config asks of the resource constraint, and what is told of it at the end."""

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.errors import InvalidInput
from snas_tf.programs import resources
from snas_tf.programs.problems.cells import CellProblem
from tests.search.small_models import CELLS, SKELETON, build

PROBLEM = CellProblem(CELLS, SKELETON)


def search_section(**changes):
    section = config.get_config().search
    for key, value in changes.items():
        section[key] = value
    return section


def test_the_default_costs_all_three_alike_and_has_no_budget():
    section = search_section()
    cost = resources.resource_cost(section, PROBLEM)
    assert cost.weights == {"parameters": 1.0, "multiply_adds": 1.0, "memory_access": 1.0}
    assert (cost.form, cost.gradient, bool(cost.budget)) == ("linear", "expectation", False)
    assert resources.resource_weight(section) == 0.0


def test_every_key_reaches_the_cost():
    section = search_section(
        parameters_weight=0.0,
        multiply_adds_weight=2.0,
        memory_access_weight=0.5,
        resource_form="log",
        resource_gradient="score_function",
        resource_weight=0.25,
    )
    cost = resources.resource_cost(section, PROBLEM)
    assert cost.weights == {"parameters": 0.0, "multiply_adds": 2.0, "memory_access": 0.5}
    assert (cost.form, cost.gradient) == ("log", "score_function")
    assert resources.resource_weight(section) == 0.25


def test_a_target_is_a_budget_with_a_weight_of_its_own():
    section = search_section(target_parameters=5000, target_multiply_adds=60000)
    cost = resources.resource_cost(section, PROBLEM)
    assert cost.budget == space.Budget(parameters=5000, multiply_adds=60000)
    assert resources.resource_weight(section) == resources.DEFAULT_TARGET_WEIGHT
    section.resource_weight = 3.0
    assert resources.resource_weight(section) == 3.0


def test_an_unreachable_target_is_refused():
    with pytest.raises(InvalidInput, match="`target_parameters` must be at least .* given 10;"):
        resources.resource_cost(search_section(target_parameters=10), PROBLEM)


def test_a_missing_latency_table_is_refused(tmp_path):
    section = search_section(latency_table=str(tmp_path / "none.json"), latency_weight=1.0)
    with pytest.raises(InvalidInput, match="none.json"):
        resources.resource_cost(section, PROBLEM)


def test_without_a_constraint_nothing_is_told():
    model = build()
    found = resources.describe(model, model.genotype())
    assert found == {
        "gradient_norms": {},
        "target": "",
        "target_missed": False,
        "limits": [],
    }


@pytest.mark.slow
def test_the_norms_of_a_constrained_search_are_told_edge_by_edge():
    model = build(resource_weight=0.1)
    norms = resources.describe(model, model.genotype())["gradient_norms"]
    assert {kind: np.shape(rows) for kind, rows in norms.items()} == {
        kind: (CELLS.num_edges, 2) for kind in space.KINDS
    }


def model_with_target(part):
    """A model whose target is a part of what its most probable network costs."""
    free = build(logits=1.0)
    cost = space.cost(free.architecture.genotype(), SKELETON).multiply_adds
    section = search_section(target_multiply_adds=int(part * cost))
    bound = build(logits=1.0, resource_cost=resources.resource_cost(section, PROBLEM))
    return bound, cost


def test_a_target_that_is_kept_is_told_with_both_figures():
    model, cost = model_with_target(1.0)
    found = resources.describe(model, model.genotype())
    assert not found["target_missed"]
    assert found["target"] == (
        f"at most {cost:,} multiply-adds; the network that was found has {cost:,} multiply-adds."
    )


def test_it_is_told_when_the_most_probable_network_had_to_give_way():
    model, cost = model_with_target(0.9)
    genotype = model.genotype()
    assert genotype != model.architecture.genotype()
    found = resources.describe(model, genotype)
    assert not found["target_missed"]
    kept = space.cost(genotype, SKELETON).multiply_adds
    assert f"that was found has {kept:,} multiply-adds. The most" in found["target"]
    assert f"would have had {cost:,} multiply-adds" in found["target"]


def test_a_missed_target_is_said_loudly():
    model, cost = model_with_target(0.9)
    found = resources.describe(model, model.architecture.genotype())
    assert found["target_missed"]
    assert f"that was found has {cost:,} multiply-adds." in found["target"]
