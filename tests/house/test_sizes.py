# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What can be read at once: files of one subject, functions of a screen, rooms that are overseen.

What a caller must know stands in a docstring, which is as long as that takes and is not counted.
"""

import ast
import collections
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
FILES = sorted(
    path
    for room in ("snas_tf", "benchmarks", "configs", "export")
    for path in (ROOT / room).rglob("*.py")
)
MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_FILES = 350, 60, 22
BENCH = ROOT / "benchmarks"
"""Not a room but a shelf: commands that know nothing of each other, looked up by name."""


def name_of(path):
    return str(path.relative_to(ROOT))


def own_lines(function):
    """Lines of a function, its docstring apart."""
    first = function.body[0]
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    docstring = first.end_lineno - first.lineno + 1 if is_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_are_short(path):
    text = path.read_text()
    assert text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert own_lines(node) <= MOST_LINES_OF_A_FUNCTION, node.name


def test_rooms_hold_few_files():
    rooms = collections.Counter(path.parent for path in FILES if path.parent != BENCH)
    crowded = {name_of(room): count for room, count in rooms.items() if count > MOST_FILES}
    assert not crowded


def test_a_docstring_is_not_counted():
    (function,) = ast.parse('def f(x):\n    """One.\n\n    Two.\n    """\n    return x\n').body
    assert own_lines(function) == 2
