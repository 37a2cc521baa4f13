# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The page is one well-formed, self-contained file that says what the report says."""

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from snas_tf import space
from snas_tf.reports import to_html
from snas_tf.reports.page.page_style import style_sheet

VOID = {"img", "meta"}
ATTACK = "<script>alert('x')</script>\"&"


class Reader(HTMLParser):
    """Reads a page and checks that its tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.data = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.data.append(data)

    def values(self, *keys):
        return [value for _, key, value in self.attributes if key in keys]


@pytest.fixture(scope="module")
def page(report):
    return to_html(report)


@pytest.fixture(scope="module")
def full_page(full_report):
    return to_html(full_report)


def changed(report, **changes):
    return to_html(dataclasses.replace(report, **changes))


def bare(report, **changes):
    """The page without pictures, which take their time."""
    nothing = dict.fromkeys(("search_rows", "training_rows", "next_commands"), ())
    return changed(report, **{"architecture": None, "probabilities": {}, **nothing, **changes})


def headings(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_tags_are_balanced_and_ids_unique(page, full_page):
    for text in (page, full_page):
        reader = Reader(text)
        ids = reader.values("id")
        assert len(ids) == len({*ids}) > 6
        assert reader.tags.count("h1") == reader.tags.count("title") == 1


def test_nothing_is_fetched_from_anywhere(full_page):
    reader = Reader(full_page)
    assert all(value.startswith("#") for value in reader.values("href", "srcset", "data"))
    assert all(value.startswith("data:image/png;base64,") for value in reader.values("src"))
    assert not {"script", "link", "iframe", "object", "base", "form"} & {*reader.tags}
    assert not any(key.startswith("on") for _, key, _ in reader.attributes)
    for text in (full_page, style_sheet()):
        assert not re.search(r"https?:|//[a-z]|@import|javascript:", text)
        assert all(found.startswith("#") for found in re.findall(r"url\(([^)]*)", text))


def test_references_within_the_page_have_their_targets(full_page):
    reader = Reader(full_page)
    used = {value[1:] for value in reader.values("href")}
    used |= {*re.findall(r"url\(#([^)]*)\)", full_page)}
    assert used == {*reader.values("id")}


@pytest.mark.slow
def test_the_same_report_is_the_same_page(full_report, full_page):
    assert to_html(full_report) == full_page


def test_every_picture_is_described_and_captioned(page):
    reader = Reader(page)
    # The curves of a search are six, and those of a training three, a caption each.
    assert reader.tags.count("svg") == 4 + 6 + 3
    assert reader.tags.count("figure") == reader.tags.count("figcaption") == 6
    descriptions = reader.values("aria-label")
    assert len(descriptions) == 13
    assert any("node 2 = sep_conv_5x5(c_{k-2}) + skip_connect(c_{k-1})" in d for d in descriptions)


def test_pictures_of_costs_are_described_and_captioned(full_page):
    reader = Reader(full_page)
    assert reader.tags.count("svg") == 16
    # Both pictures of the trade-off share a caption.
    assert reader.tags.count("figure") == reader.tags.count("figcaption") == 8
    described = reader.values("aria-label")
    assert "Accuracy of 10 networks against their parameters." in described
    assert "Accuracy of 10 networks against their multiply-adds." in described
    assert "one standard deviation" in full_page and "after each epoch" in full_page
    assert "at 50 % both pull equally hard" in full_page


@pytest.mark.slow
def test_captions_speak_of_what_there_is_alone(report, trade_off):
    groups = bare(report, trade_off=trade_off[:6])
    assert "one standard deviation" in groups and "after each epoch" not in groups
    path = bare(report, trade_off=trade_off[6:])
    assert "after each epoch" in path and "one standard deviation" not in path
    single = bare(report, trade_off=trade_off[:1])
    assert "after each epoch" not in single and "one standard deviation" not in single


def test_a_target_stands_above_the_results(report, full_page):
    target = (
        '<p class="target missed"><strong>Target missed:</strong> at most 40,000 parameters; the '
        "network has 43,210.</p>"
    )
    assert 0 < full_page.index(target) < full_page.index("<h2>Results")
    kept = bare(report, target="at most 40,000 parameters.")
    assert '<p class="target"><strong>Target:</strong> at most 40,000 parameters.</p>' in kept
    assert "Target" not in bare(report)


def test_warnings_stand_above_the_results_the_lasting_ones_first(report, full_page):
    lasting = (
        '<p class="warning lasting"><strong>Epoch 1 and from epoch 3 on:</strong> the reduction '
        "cell is empty, again; do lower it.</p>"
    )
    past = (
        '<p class="warning"><strong>Only epoch 1:</strong> the normal cell drowns: 8 of 9; do less.'
        "</p>"
    )
    section = f"<section><h2>Warnings</h2>{lasting}{past}</section>"
    assert 0 < full_page.index(section) < full_page.index("<h2>Results")
    assert re.search(r"\.lasting { border-left-color: #", style_sheet())
    assert "Warnings" not in bare(report)


@pytest.mark.slow
def test_the_cost_of_a_search_is_explained_where_it_is_drawn(report):
    rows = [{**report.search_rows[0], "resource_cost": 0.5}]
    assert "The resource cost C is 1 where" in bare(report, search_rows=rows)
    assert "The resource cost C" not in bare(report, search_rows=report.search_rows)


def test_results_are_shown_with_interval_and_readable_costs(page):
    for text in ("98.06 %", "96.05-99.06", "99.17 %", "43,210", "446.00 M", "child without"):
        assert text in page


def test_every_connection_is_in_the_table(report, page):
    tables = re.findall(r"<caption>(.*?) cell</caption>.*?<tbody>(.*?)</tbody>", page)
    assert [kind for kind, _ in tables] == [*space.KINDS]
    for kind, body in tables:
        rows = re.findall(r"<tr><td>(\d)</td><td>(.*?)</td><td><code>(\w+)</code></td></tr>", body)
        inputs = ["c<sub>k-2</sub>", "c<sub>k-1</sub>"]
        expected = [
            (str(node), (inputs + [*"2345"])[source], operation)
            for source, node, operation in report.architecture.connections(kind)
        ]
        assert rows == expected
    assert tables[1][1].count("adds zeros") == 2


def test_the_genotype_can_be_copied_out_of_the_page(report, page):
    text = "".join(Reader(page).data)
    start = text.index('{\n  "schema_version"')
    assert (
        space.Genotype.from_json(text[start : text.index("\n}", start) + 2]) == report.architecture
    )


def test_settings_are_folded_away_with_dotted_keys(page):
    assert Reader(page).tags.count("details") == 5
    for key, value in (
        ("search.estimator", "concrete"),
        ("seed", "7"),
        ("python", "3.11.9"),
        ("class_names", "[&quot;zero&quot;, &quot;one&quot;]"),
    ):
        assert f'<tr><th scope="row">{key}</th><td>{value}</td></tr>' in page


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ATTACK},
        {"target": ATTACK},
        {"summary": ATTACK},
        {"next_commands": (ATTACK,)},
        {"dataset": {"class_names": [ATTACK]}},
        {"dataset": {ATTACK: 1}},
        {"config": {"data": {"source": ATTACK}}},
        {"environment": {"command": ATTACK}},
    ],
)
def test_texts_cannot_become_markup(report, changes):
    attacked = bare(report, **changes)
    assert "<script" not in attacked
    assert "&lt;script&gt;" in attacked
    assert "script" not in Reader(attacked).tags


def test_warnings_cannot_become_markup(report, degeneracies):
    warning = dataclasses.replace(degeneracies[0], sentence=ATTACK)
    attacked = bare(report, warnings=(warning,))
    assert "<script" not in attacked and attacked.count("&lt;script&gt;") == 1


def test_names_of_results_cannot_become_markup(report):
    result = dataclasses.replace(report.results[0], name=ATTACK, split=ATTACK)
    attacked = bare(report, results=(result,))
    assert "<script" not in attacked
    assert attacked.count("&lt;script&gt;") == 2


def test_parts_that_a_report_lacks_are_left_out(report):
    page = bare(report, results=(), environment={})
    assert Reader(page).tags.count("details") == 3
    assert headings(page) == ["Settings", "Words"]
    assert "<svg" not in page


def test_other_scripts_stay_readable(report):
    assert "[&quot;Äpfel&quot;, &quot;梨&quot;]" in bare(report, dataset={"names": ["Äpfel", "梨"]})


def test_parts_come_in_order(page):
    assert headings(page) == [
        "Results",
        "Next",
        "The cells",
        "How the search decided",
        "The search, epoch by epoch",
        "The training, epoch by epoch",
        "Settings",
        "Words",
    ]


def test_parts_about_cost_come_in_order(full_page):
    assert headings(full_page) == [
        "Warnings",
        "Results",
        "Next",
        "The same search with several seeds",
        "Accuracy against cost",
        "The cells",
        "How the search decided",
        "Where the cost presses",
        "The search, epoch by epoch",
        "The training, epoch by epoch",
        "Settings",
        "Words",
    ]


@pytest.mark.slow
def test_one_epoch_and_values_that_are_not_finite_make_a_page(report):
    rows = [{**report.search_rows[0], "val_loss": float("nan"), "loss": float("inf")}]
    probabilities = {kind: values[:1] for kind, values in report.probabilities.items()}
    Reader(changed(report, search_rows=rows, probabilities=probabilities))


@pytest.mark.slow
def test_a_long_search_makes_no_large_page(report):
    epochs, cells = 60, report.space
    random = np.random.default_rng(0)
    values = random.random((epochs, cells.num_edges, cells.num_operations))
    values /= values.sum(axis=-1, keepdims=True)
    rows = [{**report.search_rows[0], "epoch": epoch} for epoch in range(1, epochs + 1)]
    probabilities = dict.fromkeys(space.KINDS, values)
    page = changed(report, search_rows=rows, probabilities=probabilities)
    assert len(page.encode()) < 1_000_000


def test_it_suits_phones_dark_screens_and_paper(page):
    assert 'content="width=device-width, initial-scale=1"' in page
    assert "prefers-color-scheme: dark" in page and "@media print" in page
