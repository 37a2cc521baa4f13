# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether running statistics stay as they are, whatever is computed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_context = threading.local()  # replicas are traced in threads of their own


@contextlib.contextmanager
def frozen_statistics() -> Iterator[None]:
    """Within it, and this thread, training updates no running statistics.

    For a computation that is done a second time: it normalises by the batch's statistics as the
    first did, which has updated the running ones.
    """
    before = getattr(_context, "frozen", False)
    _context.frozen = True
    try:
        yield
    finally:
        _context.frozen = before


def are_frozen() -> bool:
    """Whether this thread is within such a block."""
    return getattr(_context, "frozen", False)
