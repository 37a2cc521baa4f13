# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A family of spaces is known in its own rooms: nothing else uses what stands in one of them.

A name that a package gives to its users stands where it is defined, whichever way it is imported.
"""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = ROOT / "snas_tf"
FAMILIES = {path.name for path in (PACKAGE / "space").iterdir() if (path / "__init__.py").exists()}
KNOWN = {
    "config.space_keys": "the one list of all keys, with their defaults",
    "evaluation.architecture_keys": "tables may be written in NAS-Bench-201's way",
    "search.found_network_model": "`Snas.of` takes a Keras model with choices",
}
"""What knows a family, and why; the problem of a family and what packages export are no such."""


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """(module, name, name here) of what a file imports from this package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "snas_tf":
            yield from ((node.module, each.name, each.asname or each.name) for each in node.names)


EXPORTS = {
    module_of(path): {here: f"{module}.{name}" for module, name, here in imports(path)}
    for path in PACKAGE.rglob("__init__.py")
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def home(name):
    """The module in which something is defined that a package may only export."""
    while True:
        path = ROOT.joinpath(*name.split("."))
        if path.with_suffix(".py").exists() or path.is_dir():
            return name
        module, _, last = name.rpartition(".")
        if last not in EXPORTS.get(module, {}):
            return module
        name = EXPORTS[module][last]


def family(module):
    """The family whose room a module stands in, or None; a kind of data is no family."""
    _, room, *parts = [*module.split("."), ""]
    return None if room == "data" else next((part for part in parts if part in FAMILIES), None)


def used(path):
    """The modules that a file uses something of: imported, or asked of a package."""
    here = {}
    for module, name, alias in imports(path):
        here[alias] = home(f"{module}.{name}")
        yield here[alias]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package = here.get(node.value.id)
            if package in EXPORTS:
                yield home(f"{package}.{node.attr}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_knows_a_family_but_its_own(path):
    module = module_of(path)
    others = {name for name in used(path) if family(name) not in (None, family(module))}
    if module.removeprefix("snas_tf.") in KNOWN:
        assert others, f"{module} knows no family any more: take it from the list"
    else:
        assert not others, f"{module} uses {sorted(others)}"


def test_names_are_followed_to_where_they_are_defined():
    assert home("snas_tf.space.Genotype") == "snas_tf.space.cells.genotype"
    assert family(home("snas_tf.networks.ChainNetwork")) == "chains"
    assert family(home("snas_tf.space.Cost")) is family("snas_tf.data.graphs.reading") is None
    assert {"cells", "chains", "choices"} <= FAMILIES
