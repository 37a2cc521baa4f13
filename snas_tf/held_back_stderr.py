# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Keeps what libraries report on their own progress off the terminal."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def held_back_stderr() -> Iterator[None]:
    """Keeps what goes to standard error, from C++ too, and shows it only if the block fails.

    Who sets TF_CPP_MIN_LOG_LEVEL sees it all, as it comes.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back, os.fdopen(os.dup(2), "wb") as stderr:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except Exception:  # Ctrl-C is no failure
            held_back.seek(0)
            shutil.copyfileobj(held_back, stderr)
            raise
        finally:
            sys.stderr.flush()
            stderr.flush()
            os.dup2(stderr.fileno(), 2)
