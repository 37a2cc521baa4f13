# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search that others are compared with."""

import pytest

from tests.end_to_end.processes import SEARCH, run_to_the_end


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    """The run directory of a search that was let alone."""
    workdir = tmp_path_factory.mktemp("uninterrupted") / "run"
    run_to_the_end(workdir, SEARCH)
    return workdir
