# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Loads TensorFlow for the command line, without the lines that its libraries print on loading."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def load_tensorflow() -> None:
    """Imports TensorFlow and looks for GPUs, which is when it reports on drivers and processors.

    Some of these lines obey no setting. Who sets TF_CPP_MIN_LOG_LEVEL sees them all.
    """
    if _LEVEL in os.environ:
        import tensorflow as tf
    else:
        os.environ[_LEVEL] = "2"
        with _held_back_stderr():
            import tensorflow as tf

            tf.config.list_physical_devices("GPU")
        del os.environ[_LEVEL]  # it was read; what this program starts shall choose for itself
        logging.getLogger("tensorflow").addFilter(_tells_more_than_retracing)


def _tells_more_than_retracing(record: logging.LogRecord) -> bool:
    """Several networks in one run are several graphs, which TensorFlow takes for a mistake."""
    return "triggered tf.function retracing" not in record.getMessage()


@contextlib.contextmanager
def _held_back_stderr() -> Iterator[None]:
    """Keeps what goes to standard error, from C++ too, and shows it only if the block fails."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back, os.fdopen(os.dup(2), "wb") as stderr:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            shutil.copyfileobj(held_back, stderr)
            raise
        finally:
            sys.stderr.flush()
            os.dup2(stderr.fileno(), 2)
