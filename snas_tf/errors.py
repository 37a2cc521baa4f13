# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The one error that means: what the user gave cannot be used."""

from __future__ import annotations


class InvalidInput(ValueError):
    """A value, file or folder given by the user cannot be used.

    The message names what was given, what was expected and what to do, in one line. The command
    line prints it without a traceback and exits with code 2; library users see a `ValueError`.
    """
