# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The operation of the user's own in docs/networks.md is searched, built, saved and written."""

import dataclasses
import importlib
import pathlib
import re
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.errors import InvalidInput

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "networks.md"
NAME = "my_operations:conv_3x3"
CONNECTIONS = [(0, 2, NAME), (1, 2, "skip_connect"), (0, 3, NAME), (2, 3, NAME)]


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The variables of the page's example."""
    folder, variables = tmp_path_factory.mktemp("example"), {}
    _, section = PAGE.read_text().split("## An operation of your own\n")
    section, *_ = section.split("\n## ")
    module, use = re.findall("^```python\n(.*?)^```", section, re.M | re.S)
    assert len([line for line in module.splitlines() if line]) < 40
    (folder / "my_operations.py").write_text(module)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        exec(compile(use, PAGE, "exec"), variables)
        yield variables
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("my_operations", None)


@pytest.fixture(scope="module")
def genotype(example):
    return space.Genotype({"normal": CONNECTIONS, "reduction": CONNECTIONS}, num_nodes=2)


@pytest.fixture(scope="module")
def searched(example):
    """The model after two steps, and images."""
    model, rng = example["model"], np.random.default_rng(0)
    images = rng.normal(size=(16, 8, 8, 3)).astype("float32")
    model.compile(
        optimizer=keras.optimizers.SGD(0.05),
        architecture_optimizer=keras.optimizers.Adam(0.05),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(images, np.arange(16) % 2, batch_size=8, epochs=1, verbose=0)
    return model, images


def test_it_is_searched(searched):
    model, _ = searched
    for kernel in model.supernet.trainable_variables:
        assert np.all(np.isfinite(kernel))
    assert all(np.any(logits != 0) for logits in model.architecture.get_weights())


def test_the_child_answers_as_the_supernet(searched, genotype):
    model, images = searched
    samples = {kind: tf.constant(z) for kind, z in model.supernet.space.encode(genotype).items()}
    expected = model.supernet(images, samples)
    np.testing.assert_allclose(model.supernet.child(genotype)(images), expected, atol=1e-5)
    alone = model.supernet(images, samples, one_hot=True)
    np.testing.assert_allclose(alone, expected, atol=1e-5)


def test_the_child_is_saved_loaded_and_written_plainly(searched, genotype, tmp_path):
    model, images = searched
    child = model.supernet.child(genotype)
    child.save(tmp_path / "child.keras")
    loaded = keras.saving.load_model(tmp_path / "child.keras")
    np.testing.assert_array_equal(loaded(images), child(images))
    assert loaded.genotype == genotype
    plain = child.to_keras()
    assert {type(layer).__module__.partition(".")[0] for layer in plain.layers} == {"keras"}
    np.testing.assert_allclose(plain(images), child(images), atol=1e-5)


def test_it_costs_what_its_record_says(example, genotype):
    skeleton = example["skeleton"]
    child = example["model"].supernet.child(genotype)
    expected = sum(int(np.prod(weight.shape)) for weight in child.trainable_weights)
    assert space.cost(genotype, skeleton).parameters == expected
    assert space.step_memory(example["cells"], skeleton, 8).activations > 0


def test_it_travels_by_its_name(example, genotype):
    cells = example["cells"]
    assert cells.primitives == ("none", "skip_connect", NAME)
    assert space.CellSpace.from_config(cells.get_config()) == cells
    assert space.Genotype.from_json(genotype.to_json()) == genotype
    assert space.operation(NAME).label == "conv_3x3"


def test_no_file_says_what_to_import(genotype):
    text = genotype.to_json().replace("my_operations", "antigravity")
    with pytest.raises(InvalidInput, match="antigravity:conv_3x3"):
        space.Genotype.from_json(text)
    assert "antigravity" not in sys.modules


def test_a_record_stands_where_its_name_says(example):
    elsewhere = space.Operation("my_operations:conv_5x5", space.operation_cost, "nowhere:layer")
    with pytest.raises(InvalidInput, match="module:attribute"):
        space.CellSpace(2, ("none", elsewhere))


def test_without_a_plain_form_it_says_so(example, genotype, monkeypatch):
    my_operations = example["my_operations"]
    record = dataclasses.replace(my_operations.conv_3x3, plain=None)
    monkeypatch.setattr(my_operations, "conv_3x3", record)
    with pytest.raises(ValueError, match="does not say how. Give the record `plain`"):
        example["model"].supernet.child(genotype).to_keras()
