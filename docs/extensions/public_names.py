# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The directive `public-names`: what a package exports, every name with its docstring.

    .. public-names:: snas_tf.space

Functions and classes are told by autodoc. Of a constant, whose docstring Python does not keep, the
source file says what it is. A name that `snas_tf` or a package around it exports is told there, and
named here.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import reprlib
import sys
import types
from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TOP = "snas_tf"
_LONG = 200
_SHORT = reprlib.Repr()
_SHORT.maxtuple, _SHORT.maxstring, _SHORT.maxother = 12, 60, 120


class PublicNames(SphinxDirective):
    """Tells of the public names of a module, in their order."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Writes directives of Sphinx and lets them be read."""
        module = importlib.import_module(self.arguments[0])
        place = nodes.section(document=self.state.document)
        lines = StringList([*_lines(module)], source=module.__file__)
        self.state.nested_parse(lines, self.content_offset, place)
        return place.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-skip-member", _skipped)
    return {"parallel_read_safe": True}


def _skipped(
    app: Sphinx, what: str, name: str, member: object, skip: bool, options: object
) -> bool | None:
    """Leaves out the fields of named tuples, which the class itself tells of."""
    told = getattr(member, "__doc__", None) or ""
    return True if told.startswith("Alias for field number") else None


def _lines(module: types.ModuleType) -> Iterator[str]:
    elsewhere = []
    for name in _names(module):
        value = getattr(module, name)
        if isinstance(value, types.ModuleType) or name.startswith("__"):
            continue
        if owner := _told_above(module, name, value):
            elsewhere.append(f"{owner}.{name}")
            continue
        whole = f"{module.__name__}.{name}"
        if inspect.isclass(value):
            yield from (f".. autoclass:: {whole}", "   :members:", "   :show-inheritance:", "")
        elif callable(value) and hasattr(value, "__qualname__"):
            yield from (f".. autofunction:: {whole}", "")
        else:
            yield from _constant(module, name, value)
    if elsewhere:
        links = ", ".join(f":py:obj:`{name}`" for name in elsewhere)
        yield from (f"Also here: {links}.", "")


def _told_above(module: types.ModuleType, name: str, value: object) -> str:
    """The package that tells of a name, where that is `snas_tf` or one that holds the module."""
    for owner in (TOP, module.__name__.rpartition(".")[0]):
        told = importlib.import_module(owner or TOP)
        if told is not module and name in getattr(told, "__all__", ()):
            if getattr(told, name) is value:
                return owner
    return ""


def _names(module: types.ModuleType) -> list[str]:
    """What a module exports; one without `__all__`, what it defines."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]
    return getattr(module, "__all__", own)


def _constant(module: types.ModuleType, name: str, value: object) -> Iterator[str]:
    yield from (f".. py:data:: {module.__name__}.{name}", "")
    home = _home(module, name)
    told = _docstrings(home.__file__).get(name, "")
    for line in inspect.cleandoc(told).splitlines():
        yield f"   {line}"
    shown = " ".join(_SHORT.repr(value).split())
    if len(shown) < _LONG and not {*"`<"} & {*shown}:  # the others are no values to be read
        yield from ("", f"   ``{shown}``")
    yield ""


def _home(module: types.ModuleType, name: str) -> types.ModuleType:
    """The module that defines a name, by the imports of those that pass it on."""
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(name == alias.name for alias in node.names):
            importlib.import_module(node.module)
            return _home(sys.modules[node.module], name)
    return module


@functools.cache
def _docstrings(path: str) -> dict[str, str]:
    """The strings below assignments of a file, by the names that are assigned."""
    with open(path, encoding="utf-8") as file:
        body = ast.parse(file.read()).body
    found = {}
    for node, below in zip(body, body[1:], strict=False):
        assigned = isinstance(node, ast.Assign | ast.AnnAssign)
        if assigned and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({target.id: below.value.value for target in targets})
    return found
