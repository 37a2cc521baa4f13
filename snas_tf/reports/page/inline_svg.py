# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A figure as SVG inside a page: small, without names that could clash, in the page's colors."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import matplotlib
from matplotlib.figure import Figure

from snas_tf.reports.charts import palette
from snas_tf.reports.page.markup import Markup

# The style sheet of an inlined picture would hold for the whole page; the metadata names the time.
_DROPPED = {"style", "metadata"}
_REFERENCE = re.compile(r"#([\w.-]+)(?=\)|$)")
_FONT_FAMILY = re.compile(r"font-family: [^;]+(; )?")
_LEAST_SCALE = 0.8  # smaller texts could not be read; a narrow screen scrolls instead
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


def to_svg(figure: Figure, name: str, description: str) -> Markup:
    """Renders a figure; texts stay texts, in the page's font.

    Args:
        figure: The figure.
        name: Begins every id, so it must differ from picture to picture of a page.
        description: What a screen reader says instead of the picture.

    Returns:
        An `svg` element, the same for the same figure.
    """
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(file, format="svg")
    root = ElementTree.fromstring(file.getvalue())
    _tidy(root, name, _references(root))
    for attribute in ("version", "height"):
        root.attrib.pop(attribute, None)
    width = _LEAST_SCALE * 72 * figure.get_figwidth()
    style = f"min-width: {width:.0f}pt"
    root.attrib |= {"role": "img", "aria-label": description, "style": style}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _references(root: ElementTree.Element) -> set[str]:
    """The ids that something in the picture points at."""
    return {
        found
        for node in root.iter()
        for key, value in node.attrib.items()
        if _is_reference(key, value)
        for found in _REFERENCE.findall(value)
    }


def _is_reference(key: str, value: str) -> bool:
    return key.endswith("href") or value.startswith("url(#")


def _tidy(node: ElementTree.Element, name: str, referenced: set[str]) -> None:
    """Simplifies an element and all below it, in place."""
    node.tag = _local(node.tag)
    node.text = node.text if node.tag in ("text", "tspan") else None
    node.tail = None
    node.attrib = {
        _local(key): _attribute(key, value, name)
        for key, value in node.attrib.items()
        if key != "id" or value in referenced
    }
    for child in list(node):
        if _local(child.tag) in _DROPPED:
            node.remove(child)
        else:
            _tidy(child, name, referenced)


def _local(name: str) -> str:
    """A name without its XML namespace, which HTML does not have."""
    return name.rpartition("}")[2]


def _attribute(key: str, value: str, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if _is_reference(key, value):
        return _REFERENCE.sub(rf"#{name}-\1", value)
    if key == "style":
        return _themed(_FONT_FAMILY.sub("", value))
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", " ".join(value.split()))


def _themed(style: str) -> str:
    for color, variable in palette.THEMED.items():
        style = style.replace(color, f"var(--{variable})")
    return style
