# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Both chains of every layer are drawn and told, and nothing of a chain that is not there."""

import types

import numpy as np
import pytest
import rich.console

from snas_tf import space
from snas_tf.reports.graphs.graph_drawing import arcs, draw_layer
from snas_tf.reports.graphs.graph_presentation import GraphPresentation

SPACE = space.GraphSpace(2, 2)
PLACES = SPACE.decisions[0].places


@pytest.fixture
def architecture():
    chosen = {decision.name: ["none"] * len(PLACES) for decision in SPACE.decisions}
    chosen["layer_1_entity"] = ["mean", "none", "identity", "none", "max"]
    chosen["layer_1_edge"] = ["none", "gru", "none", "none", "film"]
    chosen["layer_2_entity"] = ["sum", "none", "none", "none", "none"]
    return space.Selection(chosen)


def report(architecture, uses=None):
    uses = uses or tuple(decision.name for decision in SPACE.decisions)
    return types.SimpleNamespace(architecture=architecture, space=SPACE, uses=uses)


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_the_arcs_are_all_operations_but_none(architecture):
    found = arcs(architecture, SPACE, "layer_1_entity")
    assert found == [(0, 2, "mean"), (0, 3, "identity"), (2, 3, "max")]
    sampled = SPACE.sample(np.random.default_rng(0))
    for decision in SPACE.decisions:
        kept = [name for name in sampled[decision.name] if name != "none"]
        assert [name for _, _, name in arcs(sampled, SPACE, decision.name)] == kept


def test_a_picture_names_every_operation_and_state(architecture):
    chains = [("entities", arcs(architecture, SPACE, "layer_1_entity")), ("edges", [])]
    found = texts(draw_layer(chains, 4))
    assert {"entities", "edges", "mean", "identity", "max"} <= {*found}
    assert sorted(found).count("3") == 2  # one a chain


def test_every_layer_is_drawn_and_told(architecture):
    presentation = GraphPresentation()
    drawn = dict(presentation.drawings(report(architecture)))
    assert [*drawn] == ["layer_1", "layer_2"]
    assert {"gru", "film"} <= {*texts(drawn["layer_1"])}
    console = rich.console.Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as captured:
        for shown in presentation.terminal(report(architecture)):
            console.print(shown)
    told = captured.get()
    assert "3 = identity(0) + max(2)" in " ".join(told.split())
    assert "edges of layer 2" in told
    page = "".join(map(str, presentation.section(report(architecture))))
    assert page.count("<svg") == 2
    assert "2 = sum(0)" in page


def test_a_chain_that_no_network_has_is_left_out(architecture):
    only = ("layer_1_entity", "layer_2_entity")
    drawn = dict(GraphPresentation().drawings(report(architecture, only)))
    assert not {"gru", "film"} & {*texts(drawn["layer_1"])}
