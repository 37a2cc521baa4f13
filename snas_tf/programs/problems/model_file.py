# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model of the user's, made by a function in a Python file: "my_model.py:build".

The file is a program of the user's. It is looked at before TensorFlow is there, and run once that
is; whatever goes wrong in it is told in one line.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import hashlib
import importlib.util
import inspect
import pathlib
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from snas_tf.errors import InvalidInput

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True, slots=True)
class ModelFile:
    """Where a model comes from.

    Attributes:
        given: What the config says, "my_model.py:build".
        digest: Of the file's content.
    """

    given: str
    digest: str

    @classmethod
    def of(cls, given: str, recorded: str = "") -> ModelFile:
        """Looks at the file without running it.

        Args:
            given: What the config says.
            recorded: The first digits of the digest that the file must have; "" for any.

        Raises:
            InvalidInput: There is no such file or function, or the file is another one.
        """
        path, name = _parts(given)
        try:
            content = path.read_bytes()
            names = {name for part in ast.parse(content).body for name in _names(part)}
        except OSError as error:
            raise _refused(f"{given!r}, and cannot read {path} ({error.strerror})") from error
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            raise _refused(f"{path}, which is no Python: line {line}, {error.args[0]}") from error
        digest = hashlib.sha256(content).hexdigest()
        if not digest.startswith(recorded):
            raise InvalidInput(
                f"`model` must be the file that the run began with: {path} is another one now; do "
                "bring it back as it was, or begin anew with --overwrite"
            )
        if name not in names and "*" not in names:
            told = ", ".join(sorted(names)) or "nothing"
            raise _refused(f"{path}, which has no {name!r} but {told}")
        return cls(given, digest)

    def model(self) -> keras.Model:
        """What the function gives, in the names that it would have in a program of its own.

        Raises:
            InvalidInput: It gives no Keras model, or an error came of it.
        """
        import keras

        policy = keras.config.dtype_policy()

        def build() -> Any:
            keras.config.set_dtype_policy(policy)
            return self._run()

        # Keras numbers the names of layers in each thread anew.
        with ThreadPoolExecutor(1) as thread:
            model = thread.submit(build).result()
        if not isinstance(model, keras.Model):
            raise _refused(f"{self.given!r}, which gives {type(model).__name__}")
        return model

    def _run(self) -> Any:
        path, name = _parts(self.given)
        with _told(self.given), _importable(path.parent):
            function = getattr(_module(str(path.resolve()), self.digest), name)
            if not callable(function) or _needs_arguments(function):
                raise _refused(f"{self.given!r}, which is no function without arguments")
            return function()

    def load_classes(self) -> None:
        """Runs the file, so that Keras knows the layers that it registers."""
        path, _ = _parts(self.given)
        with _told(self.given), _importable(path.parent):
            _module(str(path.resolve()), self.digest)


def _parts(given: str) -> tuple[pathlib.Path, str]:
    path, _, name = given.rpartition(":")
    if not path.endswith(".py") or not name.isidentifier():
        raise _refused(repr(given))
    return pathlib.Path(path).expanduser(), name


def _names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module defines."""
    for part in ast.walk(statement):
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            yield part.name
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.alias):
            yield part.asname or part.name


@functools.lru_cache(maxsize=8)
def _module(path: str, digest: str) -> Any:
    """The module of a file, made once for each content."""
    name = f"snas_tf_model_{digest[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as what it defines expects, such as data classes
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _importable(folder: pathlib.Path) -> Iterator[None]:
    """Files beside it can be imported, as by a program of the user's."""
    sys.path.insert(0, str(folder.resolve()))
    try:
        yield
    finally:
        sys.path.remove(str(folder.resolve()))


@contextlib.contextmanager
def _told(given: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        if "`model`" in str(error):
            raise
        raise _refused(f"{given!r}, where {error}") from error
    except Exception as error:
        path = pathlib.Path(_parts(given)[0]).resolve()
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if pathlib.Path(frame.filename).resolve() == path
        ]
        place = f"line {lines[-1]}, " if lines else ""
        message = " ".join(str(error).split())[:300]
        raise _refused(f"{given!r}: {place}{type(error).__name__}: {message}") from error


def _needs_arguments(function: Any) -> bool:
    try:
        inspect.signature(function).bind()
    except TypeError:
        return True
    return False


def _refused(given: str) -> InvalidInput:
    return InvalidInput(
        "`model` must be <file>.py:<function>, a function without arguments that gives a Keras "
        f"model with snas_tf.Choice in it: given {given}"
    )
