# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the command line hears of TensorFlow."""

import logging

from snas_tf import startup

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
