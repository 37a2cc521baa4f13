# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graph cells as docs/networks.md tells of them."""

import pathlib
import re

import numpy as np

from snas_tf import space
from snas_tf.networks import GraphNetwork

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "networks.md"
SECTION = re.search(r"^## Graph cells\n(.*?)^## ", PAGE.read_text(), re.M | re.S).group(1)

OWN_PROGRAM = PAGE.with_name("graphs.md")


def test_graphs_of_a_program_are_learnt_from_as_the_page_says():
    (example,) = re.findall(r"^```python\n(.*?)^```", OWN_PROGRAM.read_text(), re.M | re.S)
    found = {}
    exec(compile(example, OWN_PROGRAM, "exec"), found)
    assert found["inputs"]["nodes"].shape == (2, 3, 3)
    assert found["labels"].tolist() == [0, 1]
    assert found["network"].predict(found["inputs"], verbose=0).shape == (2, 2)


def test_the_example_costs_what_is_said():
    (example,) = re.findall(r"^```python\n(.*?)^```", SECTION, re.M | re.S)
    found = {}
    exec(compile(example, PAGE, "exec"), found)
    network = GraphNetwork(found["known"], found["searched"], found["skeleton"])
    weights = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    assert network.cost.parameters == weights


def test_every_operation_is_told_of():
    for name in (*space.ENTITY_OPERATIONS, *space.EDGE_OPERATIONS):
        assert f"`{name}`" in SECTION, name
