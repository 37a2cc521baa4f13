# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Docstrings are written for people who read the source: plain words, `code`, code set in.

Sphinx reads them as reStructuredText, to which a star, a bar or a name that ends in _ mean more,
and which wants an empty line before what is set in.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_CODE = re.compile(r"``?([^`]+)``?")
_MEANT = re.compile(r"(?<!\\)([*|]|\b\w*_\b(?=[\s.,;:)]|$))")
_SECTION = re.compile(
    r"^\s*(Args|Call arguments|Attributes|Returns|Raises|Yields|Examples?|Note):\s*$"
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the hook, before napoleon's."""
    app.connect("autodoc-process-docstring", _plain, priority=400)
    return {"parallel_read_safe": True}


def _plain(
    app: Sphinx, what: str, name: str, value: object, options: Any, lines: list[str]
) -> None:
    written: list[str] = []
    code = section = False
    items = 0  # how far the items are set in that follow a colon
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        section = section or bool(_SECTION.match(line))
        depth = len(line) - len(line.lstrip())
        if items and (depth < items or not line.strip()):
            items = 0
            written.append("")
        if items:
            start = ["", "* "] if depth == items else ["  "]
            written += [*start[:-1], start[-1] + _escaped(line.strip())]
            continue
        set_in = depth >= 4 and not section
        if set_in and not code and written and not written[-1].strip():
            written += ["::", ""]
            code = True
        elif line.strip() and not set_in:
            code = False
        written.append(line if code else _escaped(line))
        below = len(following) - len(following.lstrip())
        if line.endswith(":") and not section and following.strip() and below > depth:
            items = below
    lines[:] = written


def _escaped(line: str) -> str:
    """A line in which code is a literal, and no other sign means anything."""
    written, end = "", 0
    for code in _CODE.finditer(line):
        plural = "\\ " if line[code.end() : code.end() + 1].isalnum() else ""
        written += f"{_plain_text(line[end : code.start()])}``{code[1]}``{plural}"
        end = code.end()
    return written + _plain_text(line[end:])


def _plain_text(text: str) -> str:
    return _MEANT.sub(lambda found: _escape(found[1]), text)


def _escape(text: str) -> str:
    return f"\\{text}" if text in "*|" else f"{text[:-1]}\\_"
