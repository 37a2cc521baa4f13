# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Loads TensorFlow for the command line, without the lines that its libraries print on loading."""

from __future__ import annotations

import logging
import os

from snas_tf import check_environment
from snas_tf.errors import Failure
from snas_tf.held_back_stderr import held_back_stderr

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def load_tensorflow() -> None:
    """Imports TensorFlow and looks for GPUs, which is when it reports on drivers and processors.

    Some of these lines obey no setting. Who sets TF_CPP_MIN_LOG_LEVEL sees them all. Keras is to
    compute with TensorFlow, whatever the user's keras.json says for other programs.

    Raises:
        Failure: A library is missing, or of a version that was not tested.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    is_quiet = _LEVEL not in os.environ
    with held_back_stderr():
        if is_quiet:
            os.environ[_LEVEL] = "2"
        try:
            check_environment()
        except ImportError as error:
            raise Failure(str(error)) from error
        import tensorflow as tf

        tf.config.list_physical_devices("GPU")
    if is_quiet:
        del os.environ[_LEVEL]  # it was read; what this program starts shall choose for itself
        logging.getLogger("tensorflow").addFilter(_tells_more_than_retracing)


def _tells_more_than_retracing(record: logging.LogRecord) -> bool:
    """Several networks in one run are several graphs, which TensorFlow takes for a mistake."""
    return "triggered tf.function retracing" not in record.getMessage()
