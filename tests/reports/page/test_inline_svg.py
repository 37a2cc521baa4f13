# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pictures in a page: small, deterministic, without names or styles that reach beyond them."""

from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from snas_tf.reports.charts import palette
from snas_tf.reports.page.inline_svg import to_svg


def figure(ink=palette.INK):
    drawn = Figure(figsize=(4, 3), facecolor=palette.PAPER)
    axes = drawn.add_subplot()
    axes.plot([1, 2], [3, 4], marker="o", color=ink)
    axes.set_title("$c_{k}$ & <b>", color=palette.MUTED)
    return drawn


def nodes(svg):
    return [*ElementTree.fromstring(svg).iter()]


def test_the_same_figure_is_the_same_text_and_names_follow_the_prefix():
    first, again, other = (to_svg(figure(), name, "x") for name in ("one", "one", "two"))
    assert first == again
    ids = [{node.get("id") for node in nodes(svg)} - {None} for svg in (first, other)]
    assert ids[0] and not ids[0] & ids[1]
    assert all(name.startswith("one-") for name in ids[0])


def test_every_reference_has_its_target():
    svg = to_svg(figure(), "one", "x")
    targets = {node.get("id") for node in nodes(svg)} - {None}
    used = {
        value.removeprefix("url(").removesuffix(")").removeprefix("#")
        for node in nodes(svg)
        for key, value in node.attrib.items()
        if key in ("href", "clip-path")
    }
    assert used == targets


def test_it_is_described_and_has_no_style_sheet_namespace_or_metadata():
    svg = to_svg(figure(), "one", 'A "line" & more')
    root = nodes(svg)[0]
    assert (root.tag, root.get("role"), root.get("aria-label")) == ("svg", "img", 'A "line" & more')
    assert not {"style", "metadata"} & {node.tag for node in nodes(svg)}
    assert "http" not in svg and "xmlns" not in svg and "<!" not in svg and "font-family" not in svg


def test_texts_stay_texts():
    texts = ["".join(node.itertext()) for node in nodes(to_svg(figure(), "one", "x"))]
    assert "3.0" in texts
    assert any(text.endswith("& <b>") or "<b>" in text for text in texts)


def test_colors_follow_the_page():
    svg = to_svg(figure(), "one", "x")
    for color in (palette.INK, palette.MUTED, palette.PAPER):
        assert color not in svg
        assert f"var(--{palette.THEMED[color]})" in svg
    assert "#346bd1" in to_svg(figure("#346bd1"), "one", "x")


def test_global_settings_stay_as_they_were():
    import matplotlib

    before = dict(matplotlib.rcParams)
    to_svg(figure(), "one", "x")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("scale", [1, 3])
def test_coordinates_are_short(scale):
    drawn = Figure(figsize=(4, 3))
    drawn.add_axes((0, 0, 1, 1)).plot(
        [x / 7 for x in range(50)], [x**0.5 * scale for x in range(50)]
    )
    paths = [node.get("d", "") for node in nodes(to_svg(drawn, "one", "x"))]
    numbers = [word for path in paths for word in path.split() if "." in word]
    assert len(numbers) > 50
    assert max(len(number.partition(".")[2]) for number in numbers) <= 2
