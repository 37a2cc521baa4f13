# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A table predicts the sum of a network's pieces, and refuses what it was not measured for."""

import dataclasses
import json
import math
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.cells import network_pieces
from tests.space.strategies import genotypes, skeletons

CELLS = space.CellSpace(4)
SKELETON = space.Skeleton(num_cells=3, init_channels=8, num_classes=10, image_shape=(8, 8, 1))
IMAGENET = space.Skeleton(
    num_cells=14, init_channels=48, num_classes=1000, image_shape=(224, 224, 3), stem="imagenet"
)


def table_of(cells=CELLS, skeleton=SKELETON, seed=0, **changes):
    """A table of made-up milliseconds, all different."""
    generator = np.random.default_rng(seed)
    values = {
        "device": "Abacus, 1 thread",
        "batch_size": 1,
        "dtype_policy": "float32",
        "repetitions": 50,
        "versions": {"tensorflow": "2.21.0"},
        "overhead": 0.125,
        "milliseconds": {
            piece: float(generator.uniform(0.01, 0.1)) for piece in space.pieces(cells, skeleton)
        },
    }
    return space.LatencyTable(**{**values, **changes})


def test_the_pieces_of_the_digits_are_all_that_its_networks_have():
    pieces = space.pieces(CELLS, SKELETON)
    assert len({*pieces}) == len(pieces) == 48
    # 7 operations at 5 places: the inputs and the nodes of each kind, channels and resolution.
    operations = [piece for piece in pieces if piece.operation in space.PRIMITIVES]
    places = {(piece.channels, piece.resolution, piece.stride) for piece in operations}
    assert len(operations) == 7 * len(places)
    assert places == {
        (8, (8, 8), 1),
        (16, (8, 8), 2),
        (16, (4, 4), 1),
        (32, (4, 4), 2),
        (32, (2, 2), 1),
    }
    assert ("cifar_stem", 1, 8, (8, 8), 1) in pieces
    assert ("factorized_reduction", 32, 32, (8, 8), 2) in pieces
    assert ("classifier", 128, 10, (2, 2), 1) in pieces


def test_every_network_has_two_preprocessings_and_a_concatenation_a_cell():
    common = network_pieces.common_pieces(IMAGENET, 4)
    names = [piece.operation for piece in common]
    assert names[0] == "imagenet_stem" and names[-1] == "classifier"
    assert names.count("concatenation") == 14
    # After the two reductions, and after a stem whose outputs differ in resolution.
    assert names.count("factorized_reduction") == 3
    assert names.count("relu_conv_bn") == 2 * 14 - 3


@given(genotypes(4), skeletons(most_cells=5))
def test_a_network_takes_the_sum_of_its_pieces(genotype, skeleton):
    cells = space.CellSpace(genotype.num_nodes)
    table = table_of(cells, skeleton)
    expected = table.overhead
    expected += sum(
        map(table.milliseconds.get, network_pieces.common_pieces(skeleton, len(cells.nodes)))
    )
    for plan in skeleton.plan(genotype.num_nodes):
        addition = table.milliseconds[network_pieces.addition_piece(plan)]
        connections = genotype.connections(plan.kind)
        for connection in connections:
            stride = 2 if plan.kind == "reduction" and connection.source < 2 else 1
            resolution = plan.resolution_in if connection.source < 2 else plan.resolution
            shape = (plan.channels, plan.channels, resolution, stride)
            expected += table.milliseconds[(connection.operation, *shape)]
        expected += (len(connections) - genotype.num_nodes) * addition
    assert table.predict(genotype, skeleton) == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
@given(genotypes(4, 4), st.integers(0, 9))
def test_the_prediction_is_linear_in_the_decisions(genotype, seed):
    """So the resource cost of a search, and the limit of a budget, count what is predicted."""
    table = table_of(seed=seed)
    latencies = table.edge_latencies(CELLS, SKELETON)
    total = table.network_latency(4, SKELETON)
    for kind in space.KINDS:
        for source, node, operation in genotype.connections(kind):
            row = CELLS.edges.index((source, node))
            total += latencies[kind][row, CELLS.primitives.index(operation)]
    assert table.predict(genotype, SKELETON) == pytest.approx(total, abs=1e-12)
    (limit,) = space.limits(
        space.Budget(latency=1e6), space.cell_cost_table(CELLS, SKELETON, table)
    )
    assert limit.cost(genotype, CELLS) == pytest.approx(total, abs=1e-12)


def test_edges_are_summed_over_the_cells_of_a_kind():
    skeleton = dataclasses.replace(SKELETON, num_cells=6)
    cells = space.CellSpace(3, ("sep_conv_5x5", "none", "avg_pool_3x3"))
    table = table_of(cells, skeleton)
    latencies = table.edge_latencies(cells, skeleton)
    plans = skeleton.plan(3)
    for kind in space.KINDS:
        expected = sum(table.cell_latencies(cells, plan) for plan in plans if plan.kind == kind)
        assert latencies[kind].shape == (cells.num_edges, 3)
        assert latencies[kind].dtype == np.float64
        np.testing.assert_allclose(latencies[kind], expected)
        assert not latencies[kind][:, 1].any() and (latencies[kind][:, [0, 2]] > 0).all()


def test_none_takes_no_time_and_no_entry():
    assert all(piece.operation != "none" for piece in space.pieces(CELLS, SKELETON))
    nothing = space.CellSpace(4, ("none",))
    latencies = table_of(nothing).edge_latencies(nothing, SKELETON)
    assert not any(table.any() for table in latencies.values())


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"init_channels": 16}, "cifar_stem on 1 to 16 channels at 8x8, stride 1"),
        ({"num_classes": 7}, "classifier on 128 to 7 channels at 2x2, stride 1"),
        ({"image_shape": (16, 16, 1)}, "cifar_stem on 1 to 8 channels at 16x16, stride 1"),
    ],
)
def test_another_skeleton_is_refused_by_its_first_missing_piece(changes, missing):
    other = dataclasses.replace(SKELETON, **changes)
    with pytest.raises(InvalidInput) as caught:
        table_of().predict(space.PUBLISHED["SNAS_MILD"], other)
    message = str(caught.value)
    assert f"has no {missing}: it was measured for another skeleton" in message
    assert "--mode=latency with the same --config" in message and "\n" not in message


def test_an_operation_that_was_not_measured_is_refused():
    few = space.CellSpace(4, ("none", "skip_connect"))
    with pytest.raises(InvalidInput, match="has no max_pool_3x3 on 8 channels at 8x8, stride 1"):
        table_of(few).edge_latencies(CELLS, SKELETON)


def test_another_device_is_refused_with_both_names_and_the_remedy():
    table_of().check_device("Abacus, 1 thread")
    with pytest.raises(InvalidInput) as caught:
        table_of().check_device("Slide rule")
    message = str(caught.value)
    assert "'Slide rule'" in message and "--mode=latency" in message
    assert "--config.search.latency_device='Abacus, 1 thread'" in message


@given(genotypes(3), skeletons(), st.integers(0, 9))
def test_json_brings_everything_back(genotype, skeleton, seed):
    table = table_of(space.CellSpace(genotype.num_nodes), skeleton, seed)
    restored = space.LatencyTable.from_json(table.to_json())
    assert restored == table and restored.to_json() == table.to_json()
    assert restored.predict(genotype, skeleton) == table.predict(genotype, skeleton)


def test_a_file_brings_everything_back(tmp_path):
    table = table_of(device="Röhrenrechner")
    table.save(tmp_path / "latency_table.json")
    assert space.LatencyTable.load(os.fspath(tmp_path / "latency_table.json")) == table


def changed_json(change):
    data = json.loads(table_of().to_json())
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("{", "must be JSON"),
        ("[" * 100_000, "must be JSON"),
        ("[]", "schema_version 1: given None"),
        (changed_json(lambda data: data.update(schema_version=2)), "schema_version 1: given 2"),
        (changed_json(lambda data: data.update(schema_version=True)), "given True"),
        (changed_json(lambda data: data.pop("device")), "missing or unknown device"),
        (changed_json(lambda data: data.update(more=1)), "missing or unknown more"),
        (changed_json(lambda data: data.update(device=3)), "`device`.*a text: given 3"),
        (changed_json(lambda data: data.update(overhead="x")), "`overhead`.*a number: given 'x'"),
        (changed_json(lambda data: data.update(overhead=-1)), "0 or more: given -1 of overhead"),
        (changed_json(lambda data: data.update(batch_size=0)), "`batch_size`.*at least 1: given 0"),
        (changed_json(lambda data: data.update(batch_size=True)), "`batch_size`.*given True"),
        (changed_json(lambda data: data["entries"].append(3)), "an entry.*given 3"),
        (changed_json(lambda data: data["entries"][0].pop("stride")), "an entry"),
        (changed_json(lambda data: data["entries"][0].update(resolution=[8])), "two whole numbers"),
        (changed_json(lambda data: data["entries"][0].update(resolution=8)), "two whole numbers"),
        (changed_json(lambda data: data["entries"][0].update(milliseconds="1")), "an entry"),
        (changed_json(lambda data: data["entries"].append(data["entries"][0])), "stands twice"),
        (
            changed_json(lambda data: data["entries"][0].update(milliseconds=math.nan)),
            "given nan of cifar_stem on 1 to 8 channels",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_the_name_of_its_file(tmp_path, text, fragment):
    path = tmp_path / "table.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=fragment) as caught:
        space.LatencyTable.load(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="nowhere.json .No such file"):
        space.LatencyTable.load(tmp_path / "nowhere.json")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InvalidInput, match="picture.png .it is not a text"):
        space.LatencyTable.load(tmp_path / "picture.png")
    with pytest.raises(InvalidInput, match="Is a directory"):
        space.LatencyTable.load(tmp_path)
