# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Times the pieces of a skeleton's networks, and whole networks, on this device.

A piece may take ten microseconds, a call a hundred. So a piece is timed as a graph of several
copies, each with weights and inputs of its own that the graph optimizer cannot merge, against a
graph of one. All graphs are called in turns, and timed as `timing` does.

A sum of pieces predicts a network only where nothing runs side by side: measure with one inter-op
thread, as `--mode=latency` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.networks.cells import piece_layers
from snas_tf.networks.timing import (
    Call,
    circumstances,
    compiled,
    milliseconds,
    network_call,
    rounded,
    undisturbed,
)
from snas_tf.space.cells import network_pieces

_MOST_COPIES, _LEAST_COPIES = 8, 2
_ELEMENTS = 2**20  # of the inputs of all copies together, where more copies need more

Progress = Callable[[int, int], None]


def measure(
    cells: space.CellSpace,
    skeleton: space.Skeleton,
    batch_size: int,
    repetitions: int,
    progress: Progress | None = None,
) -> space.LatencyTable:
    """Times every piece that the child networks of a space and a skeleton may have.

    Args:
        cells: The cell space.
        skeleton: The plan of the networks.
        batch_size: Images that a network answers at once, positive.
        repetitions: How often each piece is timed, positive.
        progress: Called with (steps done, steps in all).

    Returns:
        The table, in inference mode and under the current dtype policy.
    """
    table, _ = measure_with_networks(cells, skeleton, (), batch_size, repetitions, progress)
    return table


def measure_with_networks(
    cells: space.CellSpace,
    skeleton: space.Skeleton,
    networks: Sequence[keras.Model],
    batch_size: int,
    repetitions: int,
    progress: Progress | None = None,
) -> tuple[space.LatencyTable, list[float]]:
    """As `measure`, and times whole networks in the same turns: a busy minute slows both alike.

    Args:
        cells: The cell space.
        skeleton: The plan of the networks.
        networks: As for `network_milliseconds`.
        batch_size: Images that a network answers at once, positive.
        repetitions: How often each piece and each network is timed, positive.
        progress: Called with (steps done, steps in all).

    Returns:
        The table, and the milliseconds of a call of every network.
    """
    report = progress or (lambda done, total: None)
    pieces = space.pieces(cells, skeleton)
    total = len(pieces) + len(networks) + repetitions
    timings, calls = [], []
    for piece in pieces:
        timings.append(_PieceTiming(piece, batch_size))
        report(len(timings), total)
    for network in networks:
        calls.append(network_call(network, batch_size))
        report(len(pieces) + len(calls), total)
    of_pieces, of_networks = [], []
    for done in range(1, repetitions + 1):
        of_pieces.append([timing.sample() for timing in timings])
        of_networks.append([milliseconds(*call) for call in calls])
        report(len(pieces) + len(calls) + done, total)
    solved = [
        timing.solve(*times) for timing, times in zip(timings, undisturbed(of_pieces), strict=True)
    ]
    table = _table(dict(zip(pieces, solved, strict=True)), batch_size, repetitions)
    return table, undisturbed(of_networks).tolist()


def _table(
    solved: Mapping[space.Piece, tuple[float, float]], batch_size: int, repetitions: int
) -> space.LatencyTable:
    """The table of the milliseconds of every piece, and of a call beyond it."""
    overhead = float(np.median([beyond for _, beyond in solved.values()]))
    return space.LatencyTable(
        **circumstances(batch_size, repetitions),
        overhead=rounded(overhead),
        milliseconds={piece: rounded(time) for piece, (time, _) in solved.items()},
    )


class _PieceTiming:
    """Graphs of many copies of a piece and of one, and the same without the piece.

    The difference of two graphs that do something is taken, for TensorFlow passes tensors through a
    graph that does nothing more quickly than the overhead of any other.
    """

    def __init__(self, piece: space.Piece, batch_size: int) -> None:
        self._arity = piece_layers.arity(piece)
        self._shape = (batch_size, *piece.resolution, piece.input_channels)
        copies = min(_MOST_COPIES, max(_LEAST_COPIES, _ELEMENTS // math.prod(self._shape)))
        # A graph does not keep its variables alive.
        self._functions = [piece_layers.function(piece, self._shape) for _ in range(copies)]
        is_stem = piece.operation in network_pieces.STEM_PIECES
        dtype = tf.float32 if is_stem else keras.config.dtype_policy().compute_dtype
        # One tensor for all inputs; the graph does not know, for they are arguments of their own.
        self._tensor = tf.random.normal(self._shape, dtype=dtype)
        self._many, self._one = self._pair(self._functions), self._pair(self._functions[:1])
        self._further_copies = copies - 1
        is_sum = piece.operation == network_pieces.ADDITION
        self._summands = self._arity - 1 if is_sum else 1  # the first is no addition

    def sample(self) -> list[float]:
        """Milliseconds of the four calls: many copies, without them, one copy, without it."""
        return [milliseconds(*call) for call in (*self._many, *self._one)]

    def solve(
        self, many: float, without_many: float, one: float, without_one: float
    ) -> tuple[float, float]:
        """From the times of the four calls the piece's, and that of a call beyond it."""
        difference = (many - without_many) - (one - without_one)
        piece = difference / self._further_copies
        return piece / self._summands, one - piece

    def _pair(self, functions: Sequence[piece_layers.Function]) -> tuple[Call, Call]:
        """A call of copies of a piece, and one that passes their inputs on."""
        inputs = [self._tensor] * (len(functions) * self._arity)

        def groups(tensors: Sequence[tf.Tensor]) -> list[Sequence[tf.Tensor]]:
            starts = range(0, len(tensors), self._arity)
            return [tensors[start : start + self._arity] for start in starts]

        def copies(tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
            pairs = zip(functions, groups(tensors), strict=True)
            return [function(group) for function, group in pairs]

        def passing(tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
            return [group[0] for group in groups(tensors)]

        return (compiled(copies, inputs), inputs), (compiled(passing, inputs), inputs)
