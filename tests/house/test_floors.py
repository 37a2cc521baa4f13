# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The house: a package imports only from its own floor or below, and never in a circle."""

import ast
import graphlib
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2] / "snas_tf"
FLOORS = (
    ("errors", "version", "shipped", "saved_classes", "held_back_stderr"),
    ("space", "native", "keras_internals", "tensorflow_internals", "seeds"),
    ("distribution", "data"),
    ("layers",),
    ("networks", "training"),
    ("search", "black_box", "evaluation", "reports", "serving"),
    ("machine", "runs", "fitting"),
    ("programs",),
    ("config",),
    ("__main__", "command_line", "main"),
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem in FLOOR)


def room(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported_rooms(path):
    """The rooms that a module imports from, those of its functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "snas_tf":
            yield from (alias.name for alias in node.names if alias.name in FLOOR)
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("snas_tf."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_from_a_floor_above(path):
    above = {name for name in imported_rooms(path) if FLOOR[name] > FLOOR[room(path)]}
    assert not above, f"{path.relative_to(ROOT)} reaches up to {above}"


def test_no_rooms_import_each_other_in_a_circle():
    graph = {name: set() for name in FLOOR}
    for path in MODULES:
        graph[room(path)] |= {*imported_rooms(path)} - {room(path)}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError


def test_every_room_is_on_a_floor():
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= FLOOR.keys()
