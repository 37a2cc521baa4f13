# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search that others are compared with."""

import pytest

from tests.end_to_end.processes import SEARCH, finish, start


@pytest.fixture(scope="session")
def finished_search(tmp_path_factory):
    """A folder in which a process of its own searched in `runs/tiny`, let alone; what it printed,
    as output and as errors."""
    folder = tmp_path_factory.mktemp("finished_search")
    code, out, err = finish(start("runs/tiny", SEARCH, folder=folder))
    assert code == 0, err
    return folder, out, err


@pytest.fixture(scope="session")
def uninterrupted(finished_search):
    """The run directory of that search, for reading and copying alone."""
    return finished_search[0] / "runs" / "tiny"
