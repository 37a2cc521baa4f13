# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where a benchmark writes its figures into a page: between two marks."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterable

_MARKS = ("<!-- figures -->\n", "<!-- end of figures -->\n")


def write_page(path: pathlib.Path, lines: Iterable[str]) -> None:
    """Puts lines between the marks of a page, in place of what was there; ends without the marks.

    Args:
        path: The page.
        lines: Its tables in Markdown, a row a line.
    """
    before, _, rest = path.read_text().partition(_MARKS[0])
    _, mark, after = rest.partition(_MARKS[1])
    if not mark:
        sys.exit(f"{path} must have the lines {_MARKS[0].strip()} and {_MARKS[1].strip()}")
    path.write_text("".join([before, _MARKS[0], "\n".join(lines), "\n", _MARKS[1], after]))
