# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The operations are compiled once, never half, and where they cannot be had one reads why."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
import tensorflow as tf

from snas_tf import native
from snas_tf.native import library

ROOT = pathlib.Path(__file__).parents[2]

GOOD = """
printf whole > "$draft"
"""
SLOW = """
touch "{folder}/started.$$"
while [ $(ls "{folder}" | grep -c started) -lt 2 ]; do sleep 0.01; done
printf who > "$draft"
sleep 0.1
printf le >> "$draft"
"""
FAILING = """
printf who > "$draft"
echo "error: no such header" >&2
echo "and more of it" >&2
exit 1
"""


class Compiler:
    """A program that is called as a compiler and keeps count."""

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "compiler"
        self.becomes(GOOD)

    def becomes(self, body, macros="#define __AVX2__ 1"):
        lines = [
            "#!/bin/sh",
            f"case \"$*\" in *' -E '*) echo '{macros}'; exit;; esac",
            f'echo "$*" >> "{self.folder}/calls"',
            "for draft; do :; done",  # the last argument
            body.replace("{folder}", str(self.folder)),
        ]
        # Not in place: what is open for writing cannot be run.
        (self.folder / "next").write_text("\n".join(lines))
        (self.folder / "next").chmod(0o755)
        (self.folder / "next").replace(self.program)

    def calls(self):
        log = self.folder / "calls"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Where the libraries go."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "snas_tf"


@pytest.fixture
def loading(monkeypatch):
    """Of a library one gets what the file holds."""
    monkeypatch.setattr(tf, "load_op_library", lambda path: pathlib.Path(path).read_text())
    monkeypatch.setattr(library, "operations", library.operations.__wrapped__)


@pytest.fixture
def compiler(tmp_path, monkeypatch, cache, loading):
    (tmp_path / "compiler").mkdir()
    made = Compiler(tmp_path / "compiler")
    monkeypatch.setenv("CXX", str(made.program))
    return made


def files(folder):
    return [path.name for path in folder.iterdir()]


# === Compiled once ===


def test_it_is_compiled_once(compiler, cache):
    assert [library.operations() for _ in range(3)] == ["whole"] * 3
    assert compiler.calls() == 1
    (name,) = files(cache)
    assert name.startswith("native-") and name.endswith(".so")


def test_two_at_once_both_get_a_whole_one(compiler, cache):
    compiler.becomes(SLOW)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = [pool.submit(library.operations) for _ in range(2)]
        assert [each.result() for each in found] == ["whole"] * 2
    assert compiler.calls() == 2
    assert len(files(cache)) == 1


def test_what_a_failed_compiler_left_is_never_loaded(compiler, cache):
    compiler.becomes(FAILING)
    with pytest.raises(native.Unavailable):
        library.operations()
    assert files(cache) == []
    compiler.becomes(GOOD)
    assert library.operations() == "whole"


def _other_program(compiler, monkeypatch):
    shutil.copy(compiler.program, compiler.folder / "other")
    monkeypatch.setenv("CXX", str(compiler.folder / "other"))


def _other_flags(compiler, monkeypatch):
    monkeypatch.setenv("CXX", f"{compiler.program} -O1")


def _other_options(compiler, monkeypatch):
    monkeypatch.setattr(library, "_OPTIONS", (*library._OPTIONS, "-g"))


def _other_processor(compiler, monkeypatch):
    compiler.becomes(GOOD, macros="#define __AVX512F__ 1")


def _other_tensorflow(compiler, monkeypatch):
    monkeypatch.setattr(tf, "__version__", "2.99.0")


def _other_header(compiler, monkeypatch):
    sources = compiler.folder / "sources"
    shutil.copytree(library._SOURCES, sources)
    header = sources / "lanes.h"
    header.write_text(header.read_text() + "\n")
    monkeypatch.setattr(library, "_SOURCES", sources)


@pytest.mark.parametrize(
    "change",
    [
        _other_program,
        _other_flags,
        _other_options,
        _other_processor,
        _other_tensorflow,
        _other_header,
    ],
)
def test_another_one_has_another_name(change, compiler, cache, monkeypatch):
    library.operations()
    change(compiler, monkeypatch)
    library.operations()
    assert compiler.calls() == 2 and len(set(files(cache))) == 2


@pytest.mark.slow
def test_two_processes_at_once_compile_and_a_third_does_not(
    native_operations, tmp_path, cache, monkeypatch
):
    """In the compiler that is really there, which has less to do without optimisation."""
    real = " ".join(library._compiler())
    program = tmp_path / "counting"
    program.write_text(
        "#!/bin/sh\n"
        f"case \"$*\" in *' -E '*) ;; *) echo compiled >> {tmp_path}/calls;; esac\n"
        f'exec {real} "$@" -O0\n'
    )
    program.chmod(0o755)
    script = (
        "import tensorflow as tf\n"
        "from snas_tf import native\n"
        "from snas_tf.native.affine_sum import affine_sum\n"
        "native.use()\n"
        "tensors = [tf.fill((1, 2, 2, 8), 3.0), tf.fill((1, 2, 2, 8), 5.0)]\n"
        "result = affine_sum(tensors, tf.fill((2, 8), 2.0), tf.fill(8, 1.0))\n"
        "print(set(result.numpy().flat) == {17.0})\n"
    )

    def start():
        words = [sys.executable, "-c", script]
        environment = {**os.environ, "CXX": str(program)}
        return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    together = [start(), start()]
    assert [process.communicate()[0] for process in together] == ["True\n"] * 2
    compiled = len((tmp_path / "calls").read_text().splitlines())
    assert compiled in (1, 2) and len(files(cache)) == 1
    monkeypatch.setenv("CXX", str(program))
    monkeypatch.setattr(tf, "load_op_library", lambda path: pathlib.Path(path).name)
    assert [library.operations.__wrapped__()] == files(cache)
    assert len((tmp_path / "calls").read_text().splitlines()) == compiled


# === Where they cannot be had ===


def unavailable():
    """What one reads; that they are not in use has not changed."""
    with pytest.raises(native.Unavailable) as caught:
        native.use()
    assert not native.in_use()
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_without_a_compiler_it_says_what_was_looked_for(monkeypatch, loading, cache):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", "")
    message = unavailable()
    assert "no C++ compiler (looked for c++, g++, clang++; $CXX names another)" in message


@pytest.mark.parametrize("named", ["no-such-compiler", "/no/such/compiler -O2"])
def test_a_named_compiler_that_is_not_there(named, monkeypatch, loading, cache):
    monkeypatch.setenv("CXX", named)
    message = unavailable()
    assert message.startswith(f"{named.split()[0]} cannot compile them")
    assert "No such file" in message


def test_of_a_failed_compiler_it_tells_the_first_line(compiler):
    compiler.becomes(FAILING)
    assert unavailable() == f"{compiler.program} cannot compile them: error: no such header"


def test_a_failed_compiler_may_say_nothing(compiler):
    compiler.becomes("exit 1")
    assert unavailable().endswith("no reason given")


def test_a_failed_compiler_may_speak_any_language(compiler):
    compiler.becomes("printf 'erreur fatale: \\351l\\351ment\\n' >&2; exit 1")
    assert "erreur fatale" in unavailable()


def test_a_compiler_that_does_not_end(compiler, monkeypatch):
    compiler.becomes("exec sleep 60")
    monkeypatch.setattr(library, "_SECONDS", 0.5)
    assert unavailable().endswith("not done after 0.5 s")


def test_a_cache_that_cannot_be_written(compiler, cache):
    cache.parent.write_text("a file where a folder should be")
    message = unavailable()
    assert str(cache) in message and compiler.calls() == 0


def test_a_user_without_a_home(compiler, monkeypatch):
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(pathlib.Path, "home", home)
    library.operations()  # $XDG_CACHE_HOME is enough
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert "$XDG_CACHE_HOME" in unavailable()


def test_it_is_the_users_own_cache_by_default(compiler, monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    library.operations()
    assert len(files(tmp_path / ".cache" / "snas_tf")) == 1


def test_what_cannot_be_loaded(compiler, cache, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("CXX", str(compiler.program))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parent))
    with pytest.raises(native.Unavailable, match=r"native-\w+\.so cannot be made or loaded"):
        library.operations.__wrapped__()


def test_with_a_gpu_there_is_no_use_for_them(compiler, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [f"a {kind}"])
    assert "this machine has a GPU" in unavailable()
    assert compiler.calls() == 0


# === In use ===


@pytest.fixture
def used(compiler):
    native.use()
    yield
    native.use(False)


def test_they_are_not_in_use_unless_asked_for(compiler):
    assert not native.in_use()
    native.use(False)
    assert not native.in_use() and compiler.calls() == 0


def test_use_and_no_longer(used, compiler):
    assert native.in_use()
    native.use(False)
    assert not native.in_use()
    native.use()
    assert native.in_use() and compiler.calls() == 1


def test_a_failure_leaves_them_in_use(used, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(native.Unavailable):
        native.use()
    assert native.in_use()


def test_xla_is_left_to_its_own_operations(used):
    seen = []

    @tf.function(jit_compile=True)
    def compiled(number):
        seen.append(native.in_use())
        return number + 1.0

    @tf.function
    def around(number):
        seen.append(native.in_use())
        return compiled(number)

    around(tf.constant(0.0))
    assert seen == [True, False]
    assert native.in_use()
