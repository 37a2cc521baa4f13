# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The parts of a page that tell of one network: headline, outline, confusions, mistakes, words."""

import dataclasses
import re

import pytest

from snas_tf import reports
from snas_tf.reports.page import page_glossary, page_headline, page_mistakes
from snas_tf.reports.page.markup import join
from snas_tf.reports.report import Report

ATTACK = "<script>alert('x')</script>"


@pytest.fixture
def result(classes):
    """Ten classes, of which "8" was taken for "3" forty times, and "0" once for "8"."""
    confusions = (
        reports.Confusion(right="8", answered="3", count=40),
        reports.Confusion(right="0", answered="8", count=1),
    )
    return reports.Result(
        name="child",
        split="test",
        accuracy=0.91,
        count=1000,
        classes=classes,
        confusions=confusions,
    )


def rows(page):
    """The cells of every line of a matrix, by its class."""
    return {
        name: re.findall(r"<td[^>]*>(.*?)</td>", cells)
        for name, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page)
    }


def test_the_headline_says_what_to_use_and_how_good_it_is(result):
    told = reports.Headline(
        file="network.keras", network="the child", reason="the only one", result=result
    )
    page = page_headline.section(told)
    assert "<strong>91.00 %</strong> of 1,000 test images right (95 % interval 89.1 %" in page
    assert "Use network.keras: the child, the only one." in page
    assert "--mode=evaluate" not in page


def test_sizes_of_the_splits_are_told_where_they_are_known():
    dataset = {
        "sizes": {"train": 1151, "validation": 287, "test": 359},
        "class_names": ["a", "b"],
        "labelled": "nodes",
    }
    told = page_headline.sizes(dataset)
    assert told == "Nodes of 2 classes: 1,151 to learn from, 287 for validation, 359 for the test."
    assert page_headline.sizes({"name": "digits"}) == ""


def test_the_whole_network_is_told_in_its_order_equal_pieces_once():
    stages = [reports.Stage("stem", "8x8x24")]
    stages += [reports.Stage("normal cell", "8x8x32")] * 2
    stages.append(reports.Stage("reduction cell", "4x4x64", marked=True))
    boxes = re.findall(
        r"<li(.*?)><strong>(.*?)</strong><span>(.*?)<", page_headline.outline(stages)
    )
    assert boxes == [
        ("", "stem", "8x8x24"),
        ("", "2 \u00d7 normal cell", "8x8x32"),
        (' class="marked"', "reduction cell", "4x4x64"),
    ]


def test_the_matrix_holds_every_image_once(result):
    found = rows(join(page_mistakes.section([result], ())))
    names = [each.name for each in result.classes]
    assert [*found] == names
    for each in result.classes:
        line = dict(zip(names, found[each.name], strict=True))
        assert line[each.name] == str(each.right)
        told = {other: int(text) for other, text in line.items() if text and other != each.name}
        assert told == {
            one.answered: one.count for one in result.confusions if one.right == each.name
        }


def test_of_many_classes_the_pairs_are_listed(result):
    classes = tuple(reports.ClassResult(name=f"c{n}", right=9, count=10) for n in range(30))
    confusions = (reports.Confusion(right="c3", answered="c4", count=12),)
    many = reports.Result(name="child", split="test", classes=classes, confusions=confusions)
    page = join(page_mistakes.section([many], ()))
    assert "matrix" not in page
    assert 'c3</td><td class="text">c4</td><td class="number">12</td>' in page


def test_mistakes_are_shown_with_what_they_were_taken_for(result):
    mistake = reports.Mistake(right="8", answered=ATTACK, certainty=0.987, picture="iVBORw0KGgo=")
    page = join(page_mistakes.section([result], [mistake]))
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page
    assert "8 taken for &lt;script&gt;" in page and ", 99 %" in page and "<script" not in page


def test_words_of_what_is_shown_are_explained(report):
    page = page_glossary.section(report)
    assert page.count("<dt>") == page.count("<dd>") >= 10
    assert "<dt>supernet</dt>" in page and "<dt>genotype</dt>" in page and "trial" not in page
    bare = dataclasses.replace(report, architecture=None, probabilities={}, search_rows=())
    page = page_glossary.section(bare)
    assert "<dt>parameters</dt>" in page and "supernet" not in page and "genotype" not in page


def test_a_report_without_them_has_none_of_them(report):
    assert isinstance(report, Report) and report.headline is None
    assert not page_mistakes.has_confusions(report.results)
    page = reports.to_html(report)
    assert 'class="headline"' not in page and "Mistakes" not in page
