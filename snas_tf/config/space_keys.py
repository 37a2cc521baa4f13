# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sections `space`, what may be found, and `network`, what is fixed around it."""

from snas_tf import space
from snas_tf.config.key import Key

OF_MORPHS = ("morphism",)
"""The value of `space.name` that keys of growing networks are for."""

SPACE = {
    "name": Key(
        "cells",
        ("cells", "nas_bench_201", "chain", "keras", "graph", "morphism"),
        'What a search decides: "cells", the two cells of DARTS and SNAS; "nas_bench_201", the one '
        'cell of that benchmark; "chain", the width and kernel size of each of a few '
        'convolutions, by trials alone; "keras", what a Keras model of yours leaves open; "graph", '
        "how a network of graphs makes the states of its nodes and edges; or "
        '"morphism", by trials alone, networks that grow from a small one.',
    ),
    "num_nodes": Key(
        4,
        "[1, inf)",
        'Intermediate nodes of one of the "cells"; 4 in the paper.',
        only_with=("cells",),
    ),
    "primitives": Key(
        space.PRIMITIVES,
        "",
        'Candidate operations of every edge of the "cells", some of snas_tf.space.PRIMITIVES, in '
        "any order.",
        only_with=("cells",),
    ),
    "num_layers": Key(
        3,
        "[1, inf)",
        'Convolutions of a "chain", or layers of a "graph" network, each with an own cell.',
        only_with=("chain", "graph"),
    ),
    "num_states": Key(
        2,
        "[1, inf)",
        'States that a layer of a "graph" network adds in each chain to the two that it is given; '
        "4 in EGNAS.",
        only_with=("graph",),
    ),
    "entity_operations": Key(
        space.GraphSpace().entity_operations,
        space.ENTITY_OPERATIONS,
        "Candidate operations from a state of the nodes of graphs to a later one.",
        only_with=("graph",),
    ),
    "edge_operations": Key(
        space.GraphSpace().edge_operations,
        space.EDGE_OPERATIONS,
        "Candidate operations from a state of the edges of graphs to a later one.",
        only_with=("graph",),
    ),
    "filters": Key(
        ("8", "16", "32", "48", "64"),
        "",
        'Filter numbers that each convolution of a "chain" chooses from.',
        only_with=("chain",),
    ),
    "kernel_sizes": Key(
        ("1", "3", "5", "7"),
        "",
        'Kernel sizes that each convolution of a "chain" chooses from, odd.',
        only_with=("chain",),
    ),
    "model": Key(
        "",
        "",
        'The model of "keras": a Python file and a function of it without arguments, which gives a '
        'functional or Sequential Keras model with snas_tf.Choice in it, "my_model.py:build".',
        only_with=("keras",),
    ),
    "root": Key(
        "",
        "",
        'The .keras file of the network from which those of a "morphism" grow, such as the '
        "network.keras that another run found: all begin with its weights. Empty for a small chain "
        "of convolutions.",
        only_with=OF_MORPHS,
    ),
    "num_blocks": Key(
        3,
        "[1, inf)",
        'Convolutions of that chain, with which a "morphism" begins.',
        only_with=OF_MORPHS,
    ),
    "root_filters": Key(
        16,
        "[1, inf)",
        "Filters of each of them; 64 in the paper of Auto-Keras.",
        only_with=OF_MORPHS,
    ),
    "max_layers": Key(
        200,
        "[2, inf)",
        'Most layers of a "morphism", activations and all counted.',
        only_with=OF_MORPHS,
    ),
    "max_parameters": Key(
        2**25,
        "[1, inf)",
        'Most weights of a "morphism"; the default is Auto-Keras\'s.',
        only_with=OF_MORPHS,
    ),
    "max_width": Key(
        1024,
        "[1, inf)",
        'Most filters that a layer of a "morphism" is widened to.',
        only_with=OF_MORPHS,
    ),
    "max_memory": Key(
        0,
        "[0, inf)",
        'Most MiB that a training step of a "morphism" needs, by a rule: float32 of every weight '
        "four times, and of all that layers give of a batch twice; 0: no bound.",
        only_with=OF_MORPHS,
    ),
}

OF_CELLS = ("cells", "nas_bench_201")
"""Values of `space.name` that are cells, which keys of sizes are for."""

NETWORK = {
    "stem": Key(
        "cifar",
        ("cifar", "imagenet"),
        'First layers around "cells": "cifar" keeps the resolution, "imagenet" divides it by 8.',
        only_with=("cells",),
    ),
    "num_cells": Key(
        3,
        "[1, inf)",
        "Cells of the network that is searched. Those at 1/3 and 2/3 of the depth are reduction "
        "cells; of nas_bench_201, it is the number in each of three stages.",
        only_with=OF_CELLS,
    ),
    "init_channels": Key(
        8,
        "[2, inf)",
        "Channels of its first cell, even; where images shrink they double.",
        only_with=OF_CELLS,
    ),
    "width": Key(32, "[1, inf)", "Width of the states of nodes.", only_with=("graph",)),
    "edge_width": Key(16, "[1, inf)", "Width of the states of edges.", only_with=("graph",)),
    "edge_states": Key(
        True,
        "",
        "Whether edges have states of their own; without them a message is a node's state alone.",
        only_with=("graph",),
    ),
}
