# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which operations a run computes with, and what is said of it."""

import io

import pytest
import rich.console

from snas_tf import config, native
from snas_tf.errors import InvalidInput
from snas_tf.machine import native_operations
from snas_tf.native import library


@pytest.fixture
def console():
    yield rich.console.Console(file=io.StringIO())
    native.use(False)


def chosen(choice):
    changed = config.get_config()
    changed.runtime.native_operations = choice
    return changed


@pytest.fixture
def no_compiler(monkeypatch, tmp_path):
    """Nothing on the path, and nothing compiled before."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    library.operations.cache_clear()
    yield
    library.operations.cache_clear()


def test_off_leaves_them_out(console):
    native_operations.choose(chosen("off"), console)
    assert not native.in_use()
    assert not console.file.getvalue()


@pytest.mark.usefixtures("no_compiler")
def test_auto_goes_on_without_a_compiler_and_says_so(console):
    native_operations.choose(chosen("auto"), console)
    assert not native.in_use()
    assert "Without custom C++ ops" in console.file.getvalue()
    assert "there is no C++ compiler" in console.file.getvalue()


@pytest.mark.usefixtures("no_compiler")
def test_on_is_refused_without_a_compiler(console):
    with pytest.raises(InvalidInput, match=r"native_operations=on.*no C\+\+ compiler.*auto"):
        native_operations.choose(chosen("on"), console)
    assert not native.in_use()


@pytest.mark.parametrize("choice", ["auto", "on"])
def test_they_are_in_use_where_they_can_be_had(console, choice):
    try:
        library.operations()
    except native.Unavailable as error:
        pytest.skip(str(error))
    native_operations.choose(chosen(choice), console)
    assert native.in_use()
    assert not console.file.getvalue()
    native_operations.choose(chosen("off"), console)
    assert not native.in_use()


def test_the_first_run_says_that_it_compiles(console, monkeypatch, tmp_path):
    try:
        library.operations()
    except native.Unavailable as error:
        pytest.skip(str(error))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    native_operations.choose(chosen("auto"), console)
    assert console.file.getvalue().startswith("Compiling custom C++ ops for this machine")
