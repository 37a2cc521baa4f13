# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pages that need no other server, and that a screen reader can read: formulas as MathML."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the renderer of formulas, and what is mended in every page."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _with_levels, priority=900)  # after the theme
    return {"parallel_read_safe": True}


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    formula = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="formula" tabindex="0">{formula}</div>')
    raise nodes.SkipNode


def _with_levels(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Gives captions of the contents the level of a heading; lets the keyboard scroll tables."""
    for name in ("furo_navigation_tree", "body"):
        if isinstance(text := context.get(name), str):
            text = text.replace('<table class="docutils', '<table tabindex="0" class="docutils')
            context[name] = re.sub(r'role="heading"(?! aria-level)', r'\g<0> aria-level="2"', text)
