# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks are written whole or not at all, and come back."""

import numpy as np
import pytest
from etils import epath

from snas_tf import ChildNetwork
from snas_tf.runs.network_files import load, save
from tests.runs.small_run import GENOTYPE, SKELETON


def test_a_network_comes_back(tmp_path):
    network = ChildNetwork(GENOTYPE, SKELETON)
    path = epath.Path(tmp_path) / "child.keras"
    save(network, path)
    for left, right in zip(network.weights, load(path).weights, strict=True):
        np.testing.assert_array_equal(left, right)
    assert [entry.name for entry in tmp_path.iterdir()] == ["child.keras"]


def test_a_network_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = epath.Path(tmp_path) / "best.keras"
    save(ChildNetwork(GENOTYPE, SKELETON), path)
    before = path.read_bytes()

    class Broken(ChildNetwork):
        def save(self, place):
            place.write_bytes(before[:100])
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        save(Broken(GENOTYPE, SKELETON), path)
    assert path.read_bytes() == before
