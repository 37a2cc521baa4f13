# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The pieces of a network are its layers: all of them, and nothing else."""

import itertools

import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.networks import ChildNetwork
from snas_tf.networks.cells import piece_layers
from snas_tf.space.cells import network_pieces


@pytest.mark.parametrize("stem", space.STEMS)
def test_pieces_are_the_layers_of_the_child_network(stem):
    """As many weights of the same shapes in all: nothing is left out and nothing is added."""
    skeleton = space.Skeleton(
        num_cells=3, init_channels=4, num_classes=3, image_shape=(24, 24, 2), stem=stem
    )
    edges = space.CellSpace(2).edges
    names = itertools.cycle(space.PRIMITIVES[1:])
    connections = {kind: [(*edge, next(names)) for edge in edges] for kind in space.KINDS}
    genotype = space.Genotype(connections, num_nodes=2)
    pieces = [*network_pieces.common_pieces(skeleton, 2)]
    for plan in skeleton.plan(2):
        for source, _, name in genotype.connections(plan.kind):
            pieces.append(network_pieces.operation_piece(plan, source, name))
    shapes = []
    for piece in pieces:
        layer = piece_layers.layer_of(piece)
        shape = (1, *piece.resolution, piece.input_channels)
        layer.build([shape] * 2 if piece.operation == "concatenation" else shape)
        shapes += [tuple(weight.shape) for weight in layer.weights]
    child = ChildNetwork(genotype, skeleton)
    assert sorted(shapes) == sorted(tuple(weight.shape) for weight in child.weights)


def test_a_piece_gives_what_the_network_would():
    for piece, arity in (
        (space.Piece("concatenation", 3, 12, (2, 2)), 4),
        (space.Piece("concatenation", 3, 3, (2, 2)), 1),
        (space.Piece("addition", 3, 3, (2, 2)), 4),
    ):
        shape = (1, 2, 2, 3)
        inputs = [tf.random.normal(shape) for _ in range(arity)]
        function = piece_layers.function(piece, shape)
        assert piece_layers.arity(piece) == arity
        whole = tf.add_n(inputs) if piece.operation == "addition" else tf.concat(inputs, -1)
        tf.debugging.assert_near(function(inputs), whole)
    with_stride = piece_layers.function(space.Piece("skip_connect", 4, 4, (8, 8), 2), (1, 8, 8, 4))
    assert with_stride([tf.ones((1, 8, 8, 4))]).shape == (1, 4, 4, 4)
