# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`Snas`, its supernet and its child do what Keras models do, or say in one line why not."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork
from tests.search.small_models import CROSS_ENTROPY, build_compiled, digits

pytestmark = pytest.mark.slow

KINDS = ("search", "child", "supernet")


@pytest.fixture(scope="module")
def models():
    """A search that has run, its child, compiled and partly frozen, and its supernet."""
    search = build_compiled(logits=1.0)
    search.fit(*digits(0, 32), 16, verbose=0)
    child = search.child()
    child.get_layer("stem").trainable = False
    child.compile(keras.optimizers.Adam(0.01), CROSS_ENTROPY)
    child.fit(*digits(0, 32), 16, verbose=0)
    return {"search": search, "child": child, "supernet": search.supernet}


def values(model):
    return [(weight.path, weight.numpy()) for weight in model.weights]


@pytest.mark.parametrize("suffix", [".h5", ".hdf5"])
@pytest.mark.parametrize("kind", KINDS)
def test_hdf5_is_refused_and_nothing_is_written(kind, suffix, models, tmp_path):
    path = tmp_path / f"model{suffix}"
    with pytest.raises(ValueError, match="saved in the format .keras, not in HDF5") as told:
        models[kind].save(path)
    assert str(path) in str(told.value) and "\n" not in str(told.value)
    assert not path.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_weights_alone_go_through_hdf5(kind, models, tmp_path):
    model = models[kind]
    before = values(model)
    model.save_weights(tmp_path / "model.weights.h5")
    for weight in model.trainable_weights:
        weight.assign(weight + 1.0)
    model.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_equal(values(model), before)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_the_same_model_with_its_optimizer_and_what_is_frozen(kind, way, models):
    model = models[kind]
    other = way(model)
    assert type(other) is type(model) and other is not model
    np.testing.assert_equal(values(other), values(model))
    assert [w.path for w in other.trainable_weights] == [w.path for w in model.trainable_weights]
    if kind != "supernet":
        for found, expected in zip(
            other.optimizer.variables, model.optimizer.variables, strict=True
        ):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_model_tells_of_itself(kind, models):
    model = models[kind]
    lines = []
    model.summary(print_fn=lines.append, expand_nested=True, show_trainable=True)
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert f" Trainable params: {trainable:,} " in "\n".join(lines)
    assert model.count_params() == sum(int(np.prod(weight.shape)) for weight in model.weights)
    assert type(keras.models.model_from_json(model.to_json())) is type(model)
    assert model.get_layer(model.layers[-1].name) is model.layers[-1]


def test_a_search_is_exported_as_its_child(models, tmp_path):
    search, (images, _) = models["search"], digits(32, 40)
    search.export(tmp_path / "search", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "search"))
    answer = exported.serve(images)
    np.testing.assert_allclose(answer, search.predict(images, verbose=0), atol=1e-5)


def test_a_supernet_is_not_exported(models, tmp_path):
    with pytest.raises(ValueError, match="takes an architecture with its images"):
        models["supernet"].export(tmp_path / "supernet")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("kind", KINDS)
def test_what_keras_cannot_quantize_is_refused(kind, models):
    before = values(models[kind])
    with pytest.raises(ValueError, match="Use .child.to_keras.*quantize"):
        models[kind].quantize("int8")
    np.testing.assert_equal(values(models[kind]), before)


def test_a_clone_is_of_the_same_kind_where_keras_allows_it(models):
    for kind in ("search", "supernet"):
        assert type(keras.models.clone_model(models[kind])) is type(models[kind])
    child, (images, _) = models["child"], digits(32, 40)
    clone = keras.models.clone_model(child)
    assert not isinstance(clone, ChildNetwork)  # Keras's own rule for functional models
    clone.set_weights(child.get_weights())
    np.testing.assert_allclose(clone(images), child(images), atol=1e-6)
