# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""When a worker is lost, the others begin again from the checkpoint and wait for it to come back.

TensorFlow cannot take a worker into a cluster that runs. So a program that lost one replaces itself
by itself: it has the same process number, forgets all that TensorFlow holds, and goes on from the
newest checkpoint as soon as all workers are there.
"""

from __future__ import annotations

import os
import sys
import time

_ATTEMPTS = "SNAS_TF_REJOINING"
_MOST_ATTEMPTS = 5
_SHORT = 60.0  # seconds; who lived longer than this made progress or waited, and may try again
_BEGAN = time.monotonic()


def lost_worker(error: BaseException) -> bool:
    """Whether an error is what TensorFlow raises when another worker is no longer there.

    Args:
        error: What ended the run.
    """
    import tensorflow as tf

    gone = (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
    )
    return isinstance(error, gone)


def may_rejoin() -> bool:
    """Whether another attempt makes sense: not after several that failed at once."""
    return _attempts() < _MOST_ATTEMPTS


def rejoin() -> None:
    """Replaces this process by a new one with the same command; does not return.

    The new one does not begin anew what this one had begun anew, by --overwrite.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    words = [word for word in sys.orig_argv[1:] if word.lstrip("-") != "overwrite"]
    os.environ[_ATTEMPTS] = str(_attempts() + 1)
    os.execv(sys.executable, [sys.executable, *words])


def _attempts() -> int:
    """Attempts so far that failed at once, one after the other."""
    long_enough = time.monotonic() - _BEGAN > _SHORT
    return 0 if long_enough else int(os.environ.get(_ATTEMPTS, "0"))
