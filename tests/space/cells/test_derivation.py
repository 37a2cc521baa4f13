# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From probabilities to genotypes, against both rules written once more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snas_tf.errors import InvalidInput
from snas_tf.space import (
    KINDS,
    PRIMITIVES,
    PUBLISHED,
    RULES,
    CellSpace,
    Connection,
    Genotype,
)
from tests.space.strategies import genotypes

# Few different values, so that ties are common.
SCORES = st.sampled_from([0.0, 0.125, 0.25, 0.5])


@st.composite
def problems(draw):
    primitives = draw(st.lists(st.sampled_from(PRIMITIVES), min_size=1, max_size=8, unique=True))
    cells = CellSpace(draw(st.integers(1, 4)), tuple(primitives))
    shape = (cells.num_edges, cells.num_operations)
    return cells, {kind: draw(arrays.arrays(float, shape, elements=SCORES)) for kind in KINDS}


def best_first(scores):
    """Positions from the best on; of equal ones the first comes first."""
    return sorted(range(len(scores)), key=lambda position: (-scores[position], position))


def argmax(cells, scores):
    kept = []
    for edge, row in zip(cells.edges, scores.tolist(), strict=True):
        operation = cells.primitives[best_first(row)[0]]
        if operation != "none":
            kept.append((*edge, operation))
    return kept


def top2(cells, scores):
    """DARTS's published code in words: into each node the two edges with the best operation."""
    kept = []
    for node in cells.nodes:
        candidates = []
        for edge, row in zip(cells.edges, scores.tolist(), strict=True):
            if edge.node == node:
                real = [
                    (score, name)
                    for score, name in zip(row, cells.primitives, strict=True)
                    if name != "none"
                ]
                if real:
                    score, name = real[best_first([score for score, _ in real])[0]]
                    candidates.append((score, edge.source, name))
        chosen = best_first([score for score, _, _ in candidates])[:2]
        kept += [(candidates[place][1], node, candidates[place][2]) for place in sorted(chosen)]
    return kept


@given(problems())
@pytest.mark.parametrize(("rule", "written_once_more"), [("argmax", argmax), ("top2", top2)])
def test_it_is_the_rule_written_once_more(rule, written_once_more, problem):
    cells, scores = problem
    genotype = cells.decode(scores, rule)
    assert genotype.num_nodes == cells.num_nodes
    for kind in KINDS:
        assert list(genotype.connections(kind)) == written_once_more(cells, scores[kind])


@given(genotypes())
def test_argmax_of_one_hot_rows_is_the_genotype(genotype):
    cells = CellSpace(genotype.num_nodes)
    assert cells.decode({kind: one_hot(genotype, kind, cells) for kind in KINDS}) == genotype


def one_hot(genotype, kind, cells):
    operations = {
        (connection.source, connection.node): connection.operation
        for connection in genotype.connections(kind)
    }
    names = [operations.get(tuple(edge), "none") for edge in cells.edges]
    return np.eye(cells.num_operations)[[cells.primitives.index(name) for name in names]]


@pytest.mark.parametrize("name", PUBLISHED)
def test_logits_made_from_a_published_genotype_derive_to_it(name, rng):
    genotype, cells = PUBLISHED[name], CellSpace()
    logits = {
        kind: 5 * one_hot(genotype, kind, cells) + rng.uniform(size=(14, 8)) for kind in KINDS
    }
    assert cells.decode(logits) == genotype
    probabilities = {
        kind: np.exp(value) / np.exp(value).sum(1)[:, None] for kind, value in logits.items()
    }
    assert cells.decode(probabilities, "argmax") == genotype
    if name.startswith("DARTS"):
        assert cells.decode(probabilities, "top2") == genotype


def test_ties_keep_the_first():
    cells = CellSpace(2)
    uniform = {kind: np.full((5, 8), 0.125) for kind in KINDS}
    assert cells.decode(uniform).connections("normal") == ()
    assert cells.decode(uniform, "top2").connections("normal") == tuple(
        Connection(source, node, "max_pool_3x3") for node in (2, 3) for source in (0, 1)
    )
    uniform["normal"][0, [4, 6]] = 0.5
    assert cells.decode(uniform).connections("normal") == ((0, 2, "sep_conv_3x3"),)


def test_none_removes_the_edge_under_argmax_and_never_wins_under_top2():
    cells = CellSpace(1, ("none", "skip_connect", "sep_conv_3x3"))
    scores = {kind: np.array([[0.8, 0.1, 0.1], [0.2, 0.3, 0.5]]) for kind in KINDS}
    assert cells.decode(scores).connections("normal") == ((1, 2, "sep_conv_3x3"),)
    assert cells.decode(scores, "top2").connections("normal") == (
        (0, 2, "skip_connect"),
        (1, 2, "sep_conv_3x3"),
    )


def test_top2_chooses_the_edges_with_the_strongest_operation():
    cells = CellSpace(2, ("none", "skip_connect"))
    scores = {kind: np.array([[0.5, 0.5]] * 2 + [[0.9, 0.1], [0, 0.3], [0, 0.2]]) for kind in KINDS}
    assert [tuple(edge[:2]) for edge in cells.decode(scores, "top2").connections("normal")] == [
        *((0, 2), (1, 2)),
        *((1, 3), (2, 3)),
    ]


def test_a_space_of_none_alone_has_one_genotype():
    cells = CellSpace(2, ("none",))
    for rule in RULES:
        genotype = cells.decode({kind: np.ones((5, 1)) for kind in KINDS}, rule)
        assert genotype.connections("normal") == genotype.connections("reduction") == ()


def test_wrong_input_is_refused_by_name():
    cells = CellSpace()
    good = {kind: np.ones((14, 8)) for kind in KINDS}
    with pytest.raises(InvalidInput, match="`rule` must be one of argmax, top2: given 'best'"):
        cells.decode(good, "best")
    wrong = {**good, "reduction": np.ones((14, 7))}
    with pytest.raises(InvalidInput, match=r"reduction cell must be \(14, 8\) .* given \(14, 7\)"):
        cells.decode(wrong)


@pytest.mark.parametrize("rule", RULES)
def test_a_search_that_diverged_has_no_genotype(rule):
    cells = CellSpace(num_nodes=1)
    scores = {kind: np.zeros((2, 8)) for kind in KINDS}
    scores["reduction"][1, 3] = np.nan
    with pytest.raises(InvalidInput, match="reduction cell.*NaN"):
        cells.decode(scores, rule)


@given(genotype=genotypes(4, 4))
def test_a_genotype_is_derived_from_its_own_decisions(genotype):
    cells = CellSpace(4)
    decisions = cells.encode(genotype)
    assert cells.decode(decisions) == genotype
    assert all((rows.sum(axis=1) == 1).all() for rows in decisions.values())


def test_without_none_an_edge_that_is_left_out_has_no_operation():
    cells = CellSpace(1, ("skip_connect", "sep_conv_3x3"))
    genotype = cells.decode({kind: np.array([[0.9, 0.1], [0.2, 0.8]]) for kind in KINDS})
    kept = Genotype({**dict(genotype.cells), "normal": genotype.connections("normal")[:1]}, 1)
    assert cells.encode(kept)["normal"].tolist() == [[1.0, 0.0], [0.0, 0.0]]
