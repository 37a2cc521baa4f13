# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every variable of a model comes back to the bit, from a file too; another model's never."""

import types

import h5py
import keras
import numpy as np
import pytest
from etils import epath

from snas_tf import config, space
from snas_tf.fitting import model_state
from snas_tf.programs import train
from tests.runs.small_run import GENOTYPE
from tests.search.small_models import build_compiled

CELLS = space.CellSpace(num_nodes=1, primitives=space.PRIMITIVES)


def search():
    """With every operation there is."""
    optimizers = {
        "optimizer": keras.optimizers.SGD(0.05, momentum=0.9, name="weights"),
        "architecture_optimizer": keras.optimizers.Adam(0.02, name="logits"),
    }
    return build_compiled(CELLS, compile_with=optimizers)


def training(stem="cifar"):
    """With all that a training may have: moving average, auxiliary head, drop path."""
    size = {"cifar": 32, "imagenet": 224}[stem]
    images = types.SimpleNamespace(num_classes=10, image_shape=(size, size, 3), dtype="uint8")
    settings = config.get_config()
    settings.network.stem, settings.train.init_channels = stem, 4
    settings.train.ema_decay, settings.train.drop_path = 0.9, 0.2
    settings.train.auxiliary_weight = 0.4
    return train.build(settings, GENOTYPE, images, steps_per_epoch=5)


def training_of_imagenet():
    return training("imagenet")


def dense(*sizes, name="adam", dtype="float32"):
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Dense(size, name=f"dense_{number}", dtype=dtype)
        for number, size in enumerate(sizes)
    ]
    model = keras.Sequential([keras.Input((3,)), *layers], name="net")
    model.compile(keras.optimizers.Adam(name=name), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def spread(model, seed=0):
    """Gives every element of every variable a value of its own; returns the snapshot."""
    rng = np.random.default_rng(seed)
    for variable in (*model.variables, *model.optimizer.variables):
        integer = variable.dtype.startswith("int")
        shape = tuple(variable.shape)
        variable.assign(rng.integers(2**40, size=shape) if integer else rng.normal(size=shape))
    return model_state.collect(model)


def assert_same(left, right):
    assert list(left) == list(right)
    for name in left:
        assert left[name].dtype == right[name].dtype and left[name].shape == right[name].shape
        assert left[name].tobytes() == right[name].tobytes(), name


def in_hdf5(model, path):
    """The bytes of every array that Keras's own format holds."""
    model.save_weights(path)
    found = set()

    def look(name, entry):
        if isinstance(entry, h5py.Dataset):
            found.add(entry[()].tobytes())

    with h5py.File(path) as file:
        file.visititems(look)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("build", [search, training])
def test_it_holds_what_keras_saves(build, tmp_path):
    model = build()
    state = spread(model)
    saved = in_hdf5(model, tmp_path / "model.weights.h5")
    assert {array.tobytes() for array in state.values()} == saved
    assert len(saved) == len(state)  # each once, none of them twice


def test_the_scale_of_a_loss_is_held_too(tmp_path):
    model = dense(2, dtype="mixed_float16")
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(name="adam"), name="scaled")
    model.compile(scaled, "mse")
    scaled.build(model.trainable_variables)
    state = spread(model)
    assert {array.tobytes() for array in state.values()} == in_hdf5(
        model, tmp_path / "a.weights.h5"
    )
    assert "scaled/dynamic_scale" in state


@pytest.mark.slow
@pytest.mark.parametrize("build", [search, training, training_of_imagenet])
def test_every_variable_comes_back_from_a_file_to_a_model_built_later(build, tmp_path):
    file = epath.Path(tmp_path) / "variables.npz"
    state = spread(build())
    model_state.write(state, file)
    assert_same(model_state.read(file), state)
    later = build()  # in the same process, where Keras counts on in the names that it gives
    spread(later, seed=1)
    model_state.restore(later, model_state.read(file))
    assert_same(model_state.collect(later), state)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_other_floats_come_back(dtype, tmp_path):
    file = epath.Path(tmp_path) / "variables.npz"
    model = dense(2, dtype=dtype)
    state = spread(model)
    assert state["net/dense_0/kernel"].dtype.name == dtype
    model_state.write(state, file)
    spread(model, seed=1)
    model_state.restore(model, model_state.read(file))
    assert_same(model_state.collect(model), state)
    state["net/dense_0/bias"][1] = np.nan
    assert model_state.not_finite(state) == "net/dense_0/bias"


def test_every_replica_is_restored_and_the_number_of_them_does_not_matter(two_replicas):
    with two_replicas.scope():
        shared = search()
    alone = search()
    state = spread(shared)
    model_state.restore(alone, state)
    assert_same(model_state.collect(alone), state)
    state = spread(alone, seed=1)
    model_state.restore(shared, state)
    for variable, value in zip(
        (*shared.variables, *shared.optimizer.variables), state.values(), strict=True
    ):
        local = two_replicas.experimental_local_results(variable.value)
        assert [part.numpy().tobytes() for part in local] == [value.tobytes()] * 2


def test_a_moving_average_has_names_of_its_own():
    model = training()
    state = spread(model)
    for number, network in (("", model.child), (" (2)", model.average)):
        kernel = network.get_layer("classifier").weights[0]
        np.testing.assert_array_equal(state[f"classifier/dense/kernel{number}"], kernel)


def test_seed_generators_are_held():
    model = keras.Sequential([keras.Input((300,)), keras.layers.Dropout(0.5, seed=1)])
    model.compile("sgd", "mse")
    model.optimizer.build([])
    state = model_state.collect(model)
    first = model(np.ones((1, 300)), training=True)
    assert not np.array_equal(model(np.ones((1, 300)), training=True), first)
    model_state.restore(model, state)
    np.testing.assert_array_equal(model(np.ones((1, 300)), training=True), first)


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (dict(sizes=(2, 2)), "with net/dense_1/kernel, net/dense_1/bias, adam/.* and 3 more$"),
        (dict(sizes=()), "^without net/dense_0/kernel, .* and "),
        (dict(sizes=(2,), name="sgd"), "^without adam/iteration, .*; with sgd/iteration, "),
        (
            dict(sizes=(4,)),
            r"^with another net/dense_0/kernel \(float32 3x4 there, float32 3x2 here\)",
        ),
        (dict(sizes=(2,), dtype="float16"), "float16 3x2 there, float32 3x2 here"),
    ],
)
def test_the_snapshot_of_another_model_is_refused_whole(there, told):
    model = dense(2)
    state = spread(dense(*there.pop("sizes"), **there))
    before = model_state.collect(model)
    with pytest.raises(ValueError, match=told) as refused:
        model_state.restore(model, state)
    assert "\n" not in str(refused.value)
    assert_same(model_state.collect(model), before)


def test_the_first_that_is_not_finite_is_named():
    state = spread(dense(2))
    assert model_state.not_finite(state) == ""
    for value in (np.inf, -np.inf, np.nan):
        spoilt = {**state, "adam/net_dense_0_bias_velocity": np.array([0.0, value])}
        assert model_state.not_finite(spoilt) == "adam/net_dense_0_bias_velocity"


def test_a_file_needs_no_pickle_and_is_as_large_as_its_values(tmp_path):
    file = epath.Path(tmp_path) / "variables.npz"
    state = spread(search())
    model_state.write(state, file)
    with np.load(file, allow_pickle=False) as parts:
        assert {name: parts[name].dtype.name for name in parts.files} == {
            "index": "uint8",
            "values": "uint8",
        }
        assert len(parts["values"]) == sum(array.nbytes for array in state.values())


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        model_state.write({"a": np.zeros(3)}, epath.Path(tmp_path) / "none" / "variables.npz")
