# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the command line hears of TensorFlow."""

import importlib.metadata
import logging
import os

import pytest

from snas_tf.errors import Failure
from snas_tf.machine import startup

RETRACING = "5 out of the last 5 calls to %s triggered tf.function retracing. Tracing is expensive"


def test_of_several_networks_nothing_is_said_and_all_else_is(monkeypatch, caplog):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    logger = logging.getLogger("tensorflow")
    filters = list(logger.filters)
    monkeypatch.setattr(logger, "propagate", True)  # to caplog, which listens at the root
    try:
        startup.load_tensorflow()
        logger.warning(RETRACING, "<function>")
        logger.warning("something else")
    finally:
        logger.filters = filters
    assert [record.getMessage() for record in caplog.records] == ["something else"]


def test_a_library_that_was_not_tested_ends_the_command_in_one_line(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "3.15.9")
    with pytest.raises(Failure, match="snas_tf needs tensorflow>=2.21,<2.22 .here: 3.15.9.;"):
        startup.load_tensorflow()


def test_keras_computes_with_tensorflow_whatever_the_user_has_set(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    startup.load_tensorflow()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
