# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""HTML that is escaped by construction: text becomes markup through `element` alone."""

from __future__ import annotations

import html
from collections.abc import Iterable

_VOID = {"img", "meta"}


class Markup(str):
    """Text that is HTML already; every other string is escaped when it is placed in an element."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """The HTML that shows a text as it stands.

    Args:
        text: Any text; `Markup` is returned unchanged.

    Returns:
        The HTML.
    """
    return text if isinstance(text, Markup) else Markup(html.escape(text))


def join(children: Iterable[str], separator: str = "") -> Markup:
    """Puts pieces of a page one after another.

    Args:
        children: Texts and `Markup`.
        separator: HTML between them.

    Returns:
        The HTML.
    """
    return Markup(separator.join(escape(child) for child in children))


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """An HTML element.

    Args:
        tag: Its name.
        *children: What it holds: texts, which are escaped, and `Markup`.
        **attributes: Its attributes; `class_` and `aria_label` stand for `class` and `aria-label`.

    Returns:
        The HTML.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for name, value in attributes.items()
    )
    end = "" if tag in _VOID else f"{join(children)}</{tag}>"
    return Markup(f"<{tag}{written}>{end}")
