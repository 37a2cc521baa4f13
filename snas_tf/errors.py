# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The errors that are told in one line: what was given cannot be used, a run could not go on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping


class InvalidInput(ValueError):
    """A value, file or folder given by the user cannot be used.

    The message names what was given, what was expected and what to do, in one line. The command
    line prints it without a traceback and exits with code 2; library users see a `ValueError`.
    """


class Failure(RuntimeError):
    """A run met something that it cannot go on with: a full disk, a loss that is no number.

    The message says what happened, what is safe and what to do, in one line. The command line
    prints it without a traceback and exits with code 1.
    """


@contextlib.contextmanager
def told_by_keys(keys: Mapping[str, str]) -> Iterator[None]:
    """Lets an object refuse an argument by the name of the config's key that it came from.

    Args:
        keys: The key of each argument, such as {"num_cells": "network.num_cells"}.

    Raises:
        InvalidInput: Within the block, with `--config.<key>` for each of the arguments.
    """
    try:
        yield
    except InvalidInput as error:
        message = str(error)
        for argument, key in keys.items():
            message = message.replace(f"`{argument}`", f"`--config.{key}`")
        raise InvalidInput(message) from error
