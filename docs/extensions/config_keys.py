# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The directive `config-keys`: every key of the config, its default, its range and its meaning."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from snas_tf import config


class ConfigKeys(SphinxDirective):
    """Writes a definition list a section."""

    def run(self) -> list[nodes.Node]:
        """Returns the sections."""
        groups = itertools.groupby(config.KEYS.items(), lambda item: item[0].rpartition(".")[0])
        return [*itertools.chain.from_iterable(_section(name, keys) for name, keys in groups)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("config-keys", ConfigKeys)
    return {"parallel_read_safe": True}


def _section(name: str, keys: Iterator[tuple[str, config.Key]]) -> Iterator[nodes.Node]:
    title = f"Section {name}" if name else "Of the whole run"
    section = nodes.section(ids=[f"section-{name or 'whole'}"])
    section += nodes.title(title, title)
    items = nodes.definition_list()
    for whole, key in keys:
        default = nodes.literal("", f"{whole}={key.default!r}")
        target = nodes.term("", "", default, ids=[f"key-{whole.replace('.', '-')}"])
        body = nodes.paragraph("", f"{key.meaning} Expected: {key.expected}.")
        items += nodes.definition_list_item("", target, nodes.definition("", body))
    section += items
    yield section
