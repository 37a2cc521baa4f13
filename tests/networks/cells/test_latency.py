# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is timed is what the networks compute: all of it, every copy, and nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.networks import (
    ChildNetwork,
    device_name,
    measure,
    measure_with_networks,
    network_milliseconds,
)
from snas_tf.networks.cells import latency
from snas_tf.networks.timing import milliseconds, undisturbed

TINY = space.CellSpace(1, ("none", "skip_connect", "sep_conv_3x3"))
SMALL = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(8, 8, 1))


def test_the_device_is_named_with_its_threads():
    assert device_name().endswith(", 1 thread")
    assert device_name() == device_name() != ", 1 thread"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "skeleton", "genotype"),
    [
        (
            TINY,
            SMALL,
            space.Genotype(
                {"normal": (), "reduction": ((0, 2, "sep_conv_3x3"), (1, 2, "skip_connect"))}, 1
            ),
        ),
        (
            space.nas_bench_201_cells(),
            space.nas_bench_201_skeleton(2, 1, num_classes=3, image_shape=(8, 8, 1)),
            space.Genotype.from_nas_bench_201(
                "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
            ),
        ),
    ],
    ids=["cells", "nas_bench_201"],
)
def test_every_piece_of_a_small_skeleton_is_measured(cells, skeleton, genotype):
    steps = []
    table = measure(cells, skeleton, 2, 3, lambda done, total: steps.append((done, total)))
    pieces = space.pieces(cells, skeleton)
    assert tuple(table.milliseconds) == pieces
    total = len(pieces) + 3
    assert steps == [(done, total) for done in range(1, total + 1)]
    assert (table.batch_size, table.repetitions, table.dtype_policy) == (2, 3, "float32")
    assert table.versions["tensorflow"] == tf.__version__
    table.check_device(device_name())
    assert space.LatencyTable.from_json(table.to_json()) == table
    assert table.predict(genotype, skeleton) > table.overhead > 0
    costs = space.cell_cost_table(cells, skeleton, table)
    rows = {name: rows for name, rows in cells.encode(genotype).items() if name in costs.uses}
    told = costs.fixed[costs.names.index("latency")] + sum(
        np.einsum("u,upo,po->", counts, tables[..., costs.names.index("latency")], rows[name])
        for name, (tables, counts) in costs.uses.items()
    )
    assert told == pytest.approx(table.predict(genotype, skeleton))


def test_pieces_compute_under_the_current_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    stem = latency._PieceTiming(space.Piece("cifar_stem", 1, 2, (4, 4)), 1)
    operation = latency._PieceTiming(space.Piece("dil_conv_3x3", 2, 2, (4, 4)), 1)
    for timing, takes in ((stem, "float32"), (operation, "bfloat16")):
        graph, inputs = timing._one[0]
        assert [output.dtype for output in graph(*inputs)] == ["bfloat16"]
        assert inputs[0].dtype == takes


def fastest(*graphs, repetitions=15):
    """Milliseconds of each graph and its inputs, in turns."""
    return [
        min(column)
        for column in zip(
            *([milliseconds(*graph) for graph in graphs] for _ in range(repetitions)),
            strict=True,
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        space.Piece("sep_conv_5x5", 16, 16, (32, 32)),
        # Without weights: of the same inputs the graph optimizer would make one.
        space.Piece("concatenation", 16, 64, (64, 64)),
    ],
)
def test_more_copies_take_more_time(piece):
    """If the graph optimizer merged or dropped copies, more of them would take no more time."""
    timing = latency._PieceTiming(piece, 1)
    few, many = (timing._pair(timing._functions[:copies])[0] for copies in (2, 8))
    time_of_few, time_of_many = fastest(few, many)
    assert time_of_few < time_of_many  # four times the work: no noise turns that round


@pytest.mark.slow
def test_pieces_are_told_apart():
    """Nothing and a pooling take less than a convolution of more than ten times the work."""
    resolution = (32, 32)
    names = ("skip_connect", "max_pool_3x3", "sep_conv_5x5")
    timings = [latency._PieceTiming(space.Piece(n, 16, 16, resolution), 1) for n in names]
    samples = [[timing.sample() for timing in timings] for _ in range(12)]
    times = [
        timing.solve(*values)[0]
        for timing, values in zip(timings, undisturbed(samples), strict=True)
    ]
    skip, pooling, separable = times
    assert max(skip, pooling) < separable


def test_a_piece_is_the_difference_of_copies():
    timing = latency._PieceTiming(space.Piece("addition", 4, 4, (4, 4)), 1)
    # 8 copies of 3 additions at 0.01 ms, tensors passed on at 0.002 ms each, 0.1 ms a call.
    piece, beyond = timing.solve(0.1 + 0.24 + 0.064, 0.064, 0.1 + 0.03 + 0.008, 0.008)
    assert piece == pytest.approx(0.01)
    assert beyond == pytest.approx(0.1 + 0.008)


def test_large_pieces_need_few_copies():
    assert len(latency._PieceTiming(space.Piece("skip_connect", 4, 4, (8, 8)), 1)._functions) == 8
    large = space.Piece("skip_connect", 64, 64, (32, 32))
    assert len(latency._PieceTiming(large, 32)._functions) == 2


def test_a_disturbance_does_not_count():
    samples = [[1.0, 2.0]] * 12 + [[50.0, 60.0]] * 38
    assert undisturbed(samples).tolist() == [1.0, 2.0]


@pytest.mark.slow
def test_larger_networks_and_batches_take_longer():
    connections = tuple((source, 2, "sep_conv_3x3") for source in (0, 1))
    genotype = space.Genotype({"normal": connections, "reduction": connections}, num_nodes=1)
    skeletons = [
        space.Skeleton(num_cells=cells, init_channels=8, num_classes=3, image_shape=(16, 16, 1))
        for cells in (1, 6)
    ]
    steps = []
    table, (small, large) = measure_with_networks(
        TINY,
        SMALL,
        [ChildNetwork(genotype, skeleton) for skeleton in skeletons],
        1,
        10,
        lambda done, total: steps.append((done, total)),
    )
    assert 0 < 1.5 * small < large
    total = len(table.milliseconds) + 2 + 10
    assert steps == [(done, total) for done in range(1, total + 1)]
    child = ChildNetwork(genotype, skeletons[0])
    assert network_milliseconds(child, 64, 5) > 1.5 * small


def test_networks_are_timed_in_inference_mode():
    child = ChildNetwork(
        space.Genotype({"normal": (), "reduction": ((0, 2, "max_pool_3x3"),)}, num_nodes=1), SMALL
    )
    before = child.get_weights()
    network_milliseconds(child, 2, 3)
    for old, new in zip(before, child.get_weights(), strict=True):
        assert (old == new).all()
