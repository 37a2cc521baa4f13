# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What counts as a search gone astray, and for which epochs, against the definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.cells.degeneracy import EMPTY_CELL, NODES_WITHOUT_INPUTS, SKIP_CONNECTIONS
from snas_tf.space.degeneracy import DIVERGED, ENTROPY_COLLAPSE, entropy_share
from tests.space.strategies import genotypes

CELLS = space.CellSpace()
UNIFORM = np.full((14, 8), 1 / 8)


def one_hot(genotype, kind):
    """(edges, ops): what a search that found this genotype is sure of."""
    cells = space.CellSpace(genotype.num_nodes)
    chosen = {(c.source, c.node): c.operation for c in genotype.connections(kind)}
    columns = [cells.primitives.index(chosen.get(edge, "none")) for edge in cells.edges]
    return np.eye(cells.num_operations)[columns]


def way_to(genotype, epochs, probability=0.95):
    """{kind: (epochs, edges, ops)}: from equal chances straight to a genotype."""
    cells = space.CellSpace(genotype.num_nodes)
    shares = probability * np.linspace(0, 1, epochs)[:, None, None]
    return {
        kind: (1 - shares) / cells.num_operations + shares * one_hot(genotype, kind)
        for kind in space.KINDS
    }


def normal_cell(*connections, num_nodes=4):
    """A genotype with this normal cell; its reduction cell is nothing special."""
    good = space.PUBLISHED["SNAS_MODERATE"].connections("reduction") if num_nodes == 4 else ()
    return space.Genotype({"normal": tuple(connections), "reduction": good}, num_nodes=num_nodes)


def conditions(records):
    return [record.condition for record in records]


def found_at_the_end(genotype, **arguments):
    cells = space.CellSpace(genotype.num_nodes)
    return space.degeneracies(way_to(genotype, 10), cells, epochs=10, **arguments)


def sharp(share, shape=(14, 8)):
    """Rows whose first operation has as much more than the others as this entropy leaves it."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        row = np.append(middle, np.full(shape[1] - 1, (1 - middle) / (shape[1] - 1)))
        is_above = middle < 1 / shape[1] or entropy_share(row[None]) > share
        low, high = (middle, high) if is_above else (low, middle)
    return np.tile(row, (shape[0], 1))


def of_entropies(*shares):
    """A search whose normal cell has these entropies, epoch by epoch, and keeps a convolution."""
    normal = np.stack([np.roll(sharp(share), 4, axis=1) for share in shares])
    reduction = np.roll(sharp(0.9), 4, axis=1)
    return {"normal": normal, "reduction": np.tile(reduction, (len(shares), 1, 1))}


@pytest.mark.parametrize("name", space.PUBLISHED)
def test_no_published_cell_is_warned_of(name):
    rule = "top2" if name.startswith("DARTS") else "argmax"
    assert found_at_the_end(space.PUBLISHED[name], rule=rule) == ()
    assert found_at_the_end(space.PUBLISHED[name], found=space.PUBLISHED[name]) == ()


def test_the_entropy_in_closed_form():
    assert entropy_share(UNIFORM) == pytest.approx(1)
    assert entropy_share(np.eye(8)) == 0
    assert entropy_share(np.array([[0.25, 0.0] * 4])) == pytest.approx(2 / 3)
    assert entropy_share(np.ones((3, 1))) == 1
    assert entropy_share(np.concatenate([UNIFORM[:1], np.eye(8)[:3]])) == pytest.approx(0.25)


@given(arrays.arrays(float, (5, 4), elements=st.floats(0, 1)))
def test_the_entropy_is_a_part_whatever_the_probabilities(scores):
    probabilities = (scores + 1e-300) / (scores + 1e-300).sum(axis=1, keepdims=True)
    share = entropy_share(probabilities)
    assert -1e-9 <= share <= 1 + 1e-9
    assert entropy_share(probabilities[::-1, ::-1]) == pytest.approx(share)


@pytest.mark.slow
@given(st.integers(2, 30), st.data())
def test_an_entropy_counts_as_collapsed_below_a_quarter_in_the_first_half_alone(epochs, draws):
    fallen = draws.draw(st.integers(1, epochs))
    probabilities = of_entropies(*[0.26] * (fallen - 1), *[0.24] * (epochs - fallen + 1))
    found = space.degeneracies(probabilities, CELLS, epochs=epochs)
    if fallen > epochs / 2:
        assert found == ()
    else:
        (record,) = found
        assert (record.decision, record.epoch, record.until) == ("normal", fallen, None)
        assert f"with {epochs - fallen} of {epochs} epochs to come" in record.sentence
        assert "24 % of the greatest" in record.sentence
        assert "search.architecture_learning_rate" in record.sentence


def test_a_collapse_is_told_in_the_numbers_of_its_beginning_and_over_when_the_entropy_rises():
    shares = (0.9, 0.2, 0.1, 0.4, 0.4, 0.1, 0.1, 0.4, 0.1, 0.1)
    probabilities = of_entropies(*shares, *[0.05] * 2)
    found = space.degeneracies(probabilities, CELLS, epochs=12)
    assert conditions(found) == [(ENTROPY_COLLAPSE, "normal")] * 2
    assert [(record.epoch, record.until) for record in found] == [(2, 3), (6, 7)]
    assert "20 %" in found[0].sentence and "10 %" in found[1].sentence


def test_a_cell_without_operations_is_empty():
    (record,) = found_at_the_end(normal_cell())
    assert record.condition == (EMPTY_CELL, "normal") and record.until is None
    # Mean probabilities: 1/8 + 7/8 * 0.95 * (epoch - 1) / 9, which reaches 1/2 in epoch 6.
    assert record.epoch == 6
    assert "search.resource_weight" in record.sentence


def test_a_cell_that_nothing_leads_into_is_empty_too():
    lost = (space.Connection(2, 3, "sep_conv_3x3"), space.Connection(3, 5, "max_pool_3x3"))
    assert conditions(found_at_the_end(normal_cell(*lost))) == [(EMPTY_CELL, "normal")]


def test_what_is_hardly_decided_is_looked_at_in_the_end_alone():
    undecided = np.tile(UNIFORM, (6, 1, 1))
    undecided[..., 0] += 0.3
    probabilities = {"normal": undecided, "reduction": way_to(normal_cell(), 6)["reduction"]}
    (record,) = space.degeneracies(probabilities, CELLS, epochs=6)
    assert (record.condition, record.epoch) == ((EMPTY_CELL, "normal"), 6)
    first = {kind: values[:5] for kind, values in probabilities.items()}
    assert space.degeneracies(first, CELLS, epochs=6) == ()


def test_more_than_half_of_the_nodes_without_inputs():
    one_node = [space.Connection(0, 2, "sep_conv_3x3"), space.Connection(1, 2, "dil_conv_3x3")]
    (record,) = found_at_the_end(normal_cell(*one_node))
    assert record.condition == (NODES_WITHOUT_INPUTS, "normal")
    assert "3 of its 4 nodes" in record.sentence
    two_nodes = [*one_node, space.Connection(2, 5, "dil_conv_3x3")]
    assert found_at_the_end(normal_cell(*two_nodes)) == ()


@given(genotypes())
def test_nodes_are_without_inputs_where_no_path_leads_to_them(genotype):
    nodes = genotype.num_nodes + 2
    found = found_at_the_end(genotype)
    for kind in space.KINDS:
        steps = np.eye(nodes)
        for source, node, _ in genotype.connections(kind):
            steps[source, node] = 1
        reached = np.linalg.matrix_power(steps, nodes)[:2, 2:].any(axis=0)
        of_kind = [record for record in found if record.decision == kind]
        whats = {record.what for record in of_kind}
        assert (EMPTY_CELL in whats) == (not reached.any())
        missing = int((~reached).sum())
        nearly_empty = reached.any() and missing > genotype.num_nodes / 2
        assert (NODES_WITHOUT_INPUTS in whats) == nearly_empty
        if nearly_empty:
            told = next(record for record in of_kind if record.what == NODES_WITHOUT_INPUTS)
            assert f": {missing} of its {genotype.num_nodes} nodes" in told.sentence


@pytest.mark.parametrize(("skips", "operations", "is_told"), [(6, 8, True), (5, 8, False)])
def test_three_quarters_of_skip_connections_are_too_many(skips, operations, is_told):
    pairs = [(source, node) for node in range(2, 6) for source in (0, 1)][:operations]
    names = ["skip_connect"] * skips + ["sep_conv_3x3"] * (operations - skips)
    connections = [space.Connection(*pair, name) for pair, name in zip(pairs, names, strict=True)]
    found = found_at_the_end(normal_cell(*connections))
    assert conditions(found) == [(SKIP_CONNECTIONS, "normal")] * is_told
    if is_told:
        assert f"{skips} of its {operations} operations are skip_connect" in found[0].sentence


def test_skip_connections_are_not_told_of_where_there_is_nothing_else():
    cells = space.CellSpace(2, ("none", "skip_connect"))
    sure = np.tile([0.0, 1.0], (5, 1))[None]
    assert space.degeneracies(dict.fromkeys(space.KINDS, sure), cells, epochs=1) == ()


def test_numbers_that_are_none_are_told_of_and_the_other_kind_is_judged_still():
    probabilities = way_to(normal_cell(), 6)
    probabilities["reduction"][3:, 2, 5] = np.nan
    found = space.degeneracies(probabilities, CELLS, epochs=6)
    assert conditions(found) == [(EMPTY_CELL, "normal"), (DIVERGED, "reduction")]
    assert (found[1].epoch, found[1].until) == (4, None)
    assert "search.learning_rate" in found[1].sentence


def test_a_budget_decides_after_the_last_epoch():
    probabilities = way_to(normal_cell(), 10)
    good = space.PUBLISHED["SNAS_MILD"]
    (record,) = space.degeneracies(probabilities, CELLS, epochs=10, found=good)
    assert (record.epoch, record.until) == (6, 9)


def test_a_kind_that_the_network_lacks_is_not_looked_at():
    empty = space.Genotype({"normal": (), "reduction": ()})
    assert len(found_at_the_end(empty)) == 2
    found = found_at_the_end(empty, uses={"reduction"})
    assert conditions(found) == [(EMPTY_CELL, "reduction")]


def test_a_search_that_has_not_begun_has_gone_nowhere():
    assert space.degeneracies({}, CELLS, epochs=5) == ()
    none = {kind: np.zeros((0, 14, 8)) for kind in space.KINDS}
    assert space.degeneracies(none, CELLS, epochs=5) == ()


def test_histories_that_do_not_fit_are_refused():
    lopsided = {"normal": np.tile(UNIFORM, (3, 1, 1)), "reduction": np.tile(UNIFORM, (2, 1, 1))}
    with pytest.raises(InvalidInput, match="as many epochs for each decision: given 2 and 3"):
        space.degeneracies(lopsided, CELLS, epochs=5)
    with pytest.raises(InvalidInput, match=r"must be \(14, 8\)"):
        space.degeneracies(dict.fromkeys(space.KINDS, np.ones((2, 5, 8))), CELLS, epochs=5)


@st.composite
def searches(draw):
    """Histories full of sudden changes, over a few rows that differ much."""
    cells = space.CellSpace(draw(st.integers(1, 2)), ("none", "skip_connect", "sep_conv_3x3"))
    rows = st.sampled_from(
        [np.eye(3)[0], np.eye(3)[1], np.eye(3)[2], np.full(3, 1 / 3), np.full(3, np.nan)]
    )
    epochs = draw(st.integers(1, 7))
    size = epochs * cells.num_edges
    values = {
        kind: np.reshape(draw(st.lists(rows, min_size=size, max_size=size)), (epochs, -1, 3))
        for kind in space.KINDS
    }
    return cells, values, epochs + draw(st.integers(0, 3))


@given(searches())
def test_records_cover_the_epochs_in_which_something_was_wrong(search):
    cells, probabilities, epochs = search
    found = space.degeneracies(probabilities, cells, epochs=epochs)
    assert [record.epoch for record in found] == sorted(record.epoch for record in found)
    last, known = len(probabilities["normal"]), ()
    for epoch in range(1, last + 1):
        after = {kind: values[epoch - 1] for kind, values in probabilities.items()}
        now = space.degeneracies_after(after, cells, epoch=epoch, epochs=epochs, known=known)
        known = conditions(now)
        covering = [r for r in found if r.epoch <= epoch <= (r.until or last)]
        assert sorted(conditions(covering)) == sorted(known)
        for record in covering:
            if record.epoch == epoch and record.until == epoch:
                assert record.sentence in [other.sentence for other in now]
    for one in found:
        assert "\n" not in one.sentence and one.sentence.isascii() and one.sentence[-1] != "."
        assert "; do " in one.sentence
        for other in found:
            if one.condition == other.condition and one.epoch < other.epoch:
                assert one.until is not None and one.until + 1 < other.epoch


@given(searches())
def test_what_was_told_stays_when_the_search_goes_on(search):
    """But for what the last epoch alone is judged by, an epoch changes nothing before it."""
    cells, probabilities, epochs = search
    whole = space.degeneracies(probabilities, cells, epochs=epochs + 1)
    begun = {kind: values[:-1] for kind, values in probabilities.items()}
    part = space.degeneracies(begun, cells, epochs=epochs + 1)
    assert [(record.condition, record.epoch) for record in part] == [
        (record.condition, record.epoch) for record in whole[: len(part)]
    ]


BENCH = space.nas_bench_201_cells()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", EMPTY_CELL),
        # The last node is all that the cell gives, and no path ends there.
        ("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|none~0|none~1|none~2|", EMPTY_CELL),
        ("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|", NODES_WITHOUT_INPUTS),
        (
            "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|",
            SKIP_CONNECTIONS,
        ),
    ],
)
def test_a_cell_of_one_input_and_one_kind_is_judged_too(text, told):
    scores = BENCH.encode(space.Genotype.from_nas_bench_201(text))
    (found,) = space.degeneracies_after(scores, BENCH, epoch=4, epochs=4)
    assert found.condition == (told, "cell")


def test_a_sound_cell_of_one_input_is_not_warned_of():
    text = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
    scores = BENCH.encode(space.Genotype.from_nas_bench_201(text))
    assert not space.degeneracies_after(scores, BENCH, epoch=4, epochs=4)
