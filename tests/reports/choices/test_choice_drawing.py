# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The picture of a model with its choices, and what a report tells of them."""

import dataclasses

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, Rectangle

from snas_tf import reports, space
from snas_tf.space import Decision, ProductSpace
from snas_tf.space.choices.outline import Part

OUTLINE = (
    Part("Input", ()),
    Part("Choice", (0,), ("step",)),
    Part("Add", (1, 0)),
    Part("Dense", (2,), ("units",)),
)
SPACE = ProductSpace(
    [Decision("step", ["step"], ["conv $x$", "skip"]), Decision("units", ["units"], ["8", "16"])]
)
CHOSEN = space.Selection({"step": ("skip",), "units": ("16",)})
PROBABILITIES = {"step": np.array([[0.25, 0.75]]), "units": np.array([[0.9, 0.1]])}


@pytest.fixture
def figure():
    return reports.draw_choices(OUTLINE, SPACE, SPACE.encode(CHOSEN), PROBABILITIES)


def test_every_option_is_there_with_a_bar_as_long_as_its_probability(figure):
    (axes,) = figure.axes
    texts = {text.get_text(): text for text in axes.texts}
    assert {"step", "conv $x$", "skip", "units", "8", "16", "0.25", "0.75"} <= {*texts}
    assert texts["skip"].get_fontweight() == texts["16"].get_fontweight() == "bold"
    assert texts["8"].get_fontweight() == "normal"  # the likelier was not chosen
    bars = [patch.get_width() for patch in axes.patches if type(patch) is Rectangle]
    np.testing.assert_allclose(np.divide(bars, bars[0]), [1, 3, 3.6, 0.4])
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == sum(len(part.sources) for part in OUTLINE)


def test_all_lies_within_the_picture_and_no_text_hides_another(figure):
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for box in boxes:
        assert figure.bbox.containsx(box.x0) and figure.bbox.containsx(box.x1)
        assert figure.bbox.containsy(box.y0) and figure.bbox.containsy(box.y1)
    pairs = ((a, b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert not any(a.shrunk(0.9, 0.9).overlaps(b.shrunk(0.9, 0.9)) for a, b in pairs)


def test_of_many_options_the_likeliest_are_told():
    decision = Decision("step", ["step"], [f"option {k}" for k in range(30)])
    many = ProductSpace([decision])
    weights = np.full((1, 30), 0.01)
    weights[0, 29] = 0.71
    chosen = many.encode(space.Selection({"step": ("option 29",)}))
    drawn = reports.draw_choices(OUTLINE[:2], many, chosen, {"step": weights})
    texts = [text.get_text() for text in drawn.axes[0].texts]
    assert "option 29" in texts and "and 22 more" in texts


def test_a_report_shows_picture_and_table(report):
    told = dataclasses.replace(
        report,
        architecture=CHOSEN,
        space=SPACE,
        uses=("step", "units"),
        probabilities={name: values[None] for name, values in PROBABILITIES.items()},
        gradient_shares={},
        warnings=(),
        presentation=reports.ChoicePresentation(lambda config: OUTLINE),
    )
    page = reports.to_html(told)
    assert "The model with what it leaves open" in page and "step: skip; units: 16" in page
    assert "<td>0.75</td>" in page
    assert [name for name, _ in told.presentation.drawings(told)] == ["model"]
