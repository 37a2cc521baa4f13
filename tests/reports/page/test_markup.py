# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Text stays text, whatever it holds."""

import html
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from snas_tf.reports.page.markup import Markup, element, escape, join

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@given(TEXTS, TEXTS)
def test_texts_and_attributes_are_read_back_as_they_were(text, title):
    reader = Reader()
    reader.feed(element("p", text, aria_label=title, class_="note"))
    reader.close()
    assert reader.tags == [("p", {"aria-label": title, "class": "note"})]
    assert reader.text == text


def test_markup_is_placed_as_it_is_and_text_is_escaped():
    inner = element("b", "<i>")
    assert inner == "<b>&lt;i&gt;</b>"
    assert element("p", inner, "&") == "<p><b>&lt;i&gt;</b>&amp;</p>"
    assert isinstance(inner, Markup)
    assert join(["<", Markup("<br>")], " ") == "&lt; <br>"


@given(TEXTS)
def test_escaping_twice_is_escaping_once(text):
    assert escape(escape(text)) == html.escape(text)


def test_elements_without_content_are_not_closed():
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
