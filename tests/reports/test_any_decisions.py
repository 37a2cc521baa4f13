# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Spaces without cells are told in tables and charts: nothing of a report needs cells."""

import dataclasses
import io
import warnings

import numpy as np
import pytest
import rich.console
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg

from snas_tf import reports, space
from snas_tf.reports import decision_tables
from snas_tf.reports.charts.grid import grid

LAYERS = tuple(f"layer {number}" for number in range(1, 6))
SPACE = space.ProductSpace(
    [
        space.Decision("filters", LAYERS, ["8", "16", "<32>"]),
        space.Decision("kernel", LAYERS, ["3", "5"]),
        space.Decision("head $x$", ["all"], [f"option {number}" for number in range(12)]),
    ]
)


def tabulate(seed, epochs=4):
    random = np.random.default_rng(seed)
    return {
        decision.name: random.dirichlet(np.ones(len(decision.options)), (epochs, decision.shape[0]))
        for decision in SPACE.decisions
    }


@pytest.fixture(scope="module")
def told(report):
    probabilities = tabulate(0)
    last = {name: values[-1] for name, values in probabilities.items()}
    return dataclasses.replace(
        report,
        architecture=SPACE.decode(last),
        space=SPACE,
        presentation=reports.DecisionTables(),
        uses=(),
        probabilities=probabilities,
        gradient_shares={name: np.ones((len(values), 2)) for name, values in last.items()},
        search_rows=[{"epoch": 1, "loss": 1.0, "entropy_filters": 3.0}],
    )


@given(st.integers(0, 999))
@settings(max_examples=20)
def test_tables_tell_the_whole_architecture(seed):
    architecture = SPACE.sample(np.random.default_rng(seed))
    layers, head = decision_tables.tables(architecture, SPACE, ("filters", "kernel", "head $x$"))
    assert layers.headings == ("place", "filters", "kernel") and head.headings[1:] == ("head $x$",)
    places, filters, kernels = zip(*layers.lines, strict=True)
    assert places == LAYERS
    again = {"filters": filters, "kernel": kernels, "head $x$": [head.lines[0][1]]}
    assert space.Selection(again) == architecture
    (alone,) = decision_tables.tables(architecture, SPACE, ("kernel",))
    assert alone.lines == tuple(zip(LAYERS, kernels, strict=True))


def test_the_page_shows_choices_charts_and_the_architecture(told):
    page = reports.to_html(told)
    assert "<h2>What was chosen</h2>" in page and "cell" not in page.lower()
    assert "<td>layer 5</td>" in page and "<32>" not in page
    assert page.count("<svg") == 3 + 1 + 2 + 2  # probabilities, gradients, curves
    assert "the probability of an option" in page and "decision head $x$" in page
    assert "The architecture as JSON" in page


def test_the_terminal_shows_choices(told):
    console = rich.console.Console(file=io.StringIO(), width=80)
    reports.print_summary(console, told)
    printed = console.file.getvalue()
    assert [line.split() for line in printed.splitlines() if line.startswith("layer")] == [
        [*place.split(), filters, kernel]
        for place, filters, kernel in zip(
            LAYERS, told.architecture["filters"], told.architecture["kernel"], strict=True
        )
    ]
    assert max(map(len, printed.splitlines()[:-1])) <= 80


def test_there_are_no_pictures_of_cells(told, report):
    assert [*told.presentation.drawings(told)] == []
    drawn = report.presentation.drawings(report)
    assert [kind for kind, _ in drawn] == ["normal_cell", "reduction_cell"]


@pytest.mark.parametrize("name", ["filters", "head $x$"])
@pytest.mark.parametrize("epochs", [1, 3])
def test_every_place_has_its_chart_and_no_text_hides_another(name, epochs):
    values = tabulate(1, epochs)[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = reports.draw_probabilities(values, SPACE, name)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    layout = grid(SPACE, name)
    assert len(figure.axes) == values.shape[1]
    for position, axes in enumerate(figure.axes):
        place, best = axes.get_title(loc="left").split("\n")
        assert place == layout.names[position]
        assert best.startswith(layout.options[values[-1, position].argmax()][0])
        shown = [colors.to_hex(area.get_facecolor()[0]) for area in axes.collections]
        assert shown == [color for _, color in layout.options] and len({*shown}) == len(shown)
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    boxes += [text.get_window_extent() for text in figure.texts]
    boxes.append(figure.legends[0].get_window_extent(canvas.get_renderer()))
    for box in boxes:
        assert box.count_overlaps(boxes) == 1
        assert figure.bbox.padded(1).contains(box.x0, box.y0)
        assert figure.bbox.padded(1).contains(box.x1, box.y1)


def test_the_pull_of_the_cost_is_told_place_by_place():
    shares = {
        name: np.ones((decision.shape[0], 2))
        for name, decision in zip(
            ("filters", "head $x$"), (SPACE.decisions[0], SPACE.decisions[2]), strict=True
        )
    }
    figure = reports.draw_gradient_shares(shares, SPACE)
    FigureCanvasAgg(figure).draw()
    assert [axes.get_label() for axes in figure.axes] == ["filters", "head $x$"]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text in LAYERS] == [*LAYERS]
    assert texts.count("50 %") == texts.count("20 %") == 5
    boxes = [text.get_window_extent() for axes in figure.axes for text in axes.texts]
    for box in boxes:
        assert box.count_overlaps(boxes) == 1
        assert figure.bbox.contains(*box.min) and figure.bbox.contains(*box.max)
