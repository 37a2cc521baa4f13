# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Frozen networks and parts of networks: inference mode, nothing moves, and a file remembers it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, Supernet, space
from snas_tf.networks import trainability
from snas_tf.search.estimators import ESTIMATORS
from tests.search.small_models import CELLS, CROSS_ENTROPY, SKELETON, build, digits

GENOTYPE = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "max_pool_3x3")),
        "reduction": ((0, 2, "sep_conv_3x3"), (1, 2, "skip_connect")),
    },
    num_nodes=1,
)
HEAD = "classifier"


def values(model):
    return {weight.path: weight.numpy() for weight in model.weights}


def changed(model, before):
    """The weights that are not what they were, to the bit."""
    return {path for path, value in values(model).items() if (value != before[path]).any()}


def child(**kwargs):
    keras.utils.set_random_seed(3)
    network = ChildNetwork(GENOTYPE, SKELETON, **kwargs)
    for weight in network.weights:
        if "moving" in weight.path or "gamma" in weight.path:
            weight.assign(np.random.default_rng(1).uniform(0.5, 1.5, weight.shape))
    return network


def compiled(network):
    network.compile(keras.optimizers.Adam(0.01), CROSS_ENTROPY, metrics=["accuracy"])
    return network


def fit(network, epochs=1):
    images, labels = digits(0, 48)
    return network.fit(images, labels, 16, epochs=epochs, shuffle=False, verbose=0)


def freeze_all_but_the_head(network):
    for layer in network.layers:
        layer.trainable = layer.name == HEAD
    return network


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_a_frozen_child_is_in_inference_mode(dtype):
    network, (images, _) = child(dtype=dtype), digits(0, 16)
    network.trainable = False
    before = values(network)
    found, expected = network(images, training=True), network(images, training=False)
    np.testing.assert_array_equal(found, expected)
    assert not changed(network, before)
    assert not network.trainable_weights


def test_a_part_that_is_frozen_is_in_inference_mode_and_the_rest_learns():
    network, (images, _) = child(), digits(0, 16)
    before = values(network)
    network.get_layer("cell_1_reduction_preprocess_0").trainable = False
    network(images, training=True)
    moved = {weight.path for weight in network.weights if "moving" in weight.path}
    frozen = {weight.path for weight in network.get_layer("cell_1_reduction_preprocess_0").weights}
    assert changed(network, before) == moved - frozen


def test_drop_path_goes_on_in_a_frozen_network_as_keras_dropout_does():
    network, (images, _) = child(drop_path=0.5), digits(0, 16)
    network.trainable = False
    assert (network(images, training=True).numpy() != network(images).numpy()).any()
    (counter,) = [weight for weight in network.weights if weight.path.endswith("step")]
    assert counter == 1


@pytest.mark.slow
def test_only_the_head_learns_and_a_file_remembers_it_with_the_optimizer(tmp_path):
    network = compiled(freeze_all_but_the_head(child()))
    before = values(network)
    fit(network)
    head = {weight.path for weight in network.get_layer(HEAD).weights}
    assert changed(network, before) == head
    network.save(tmp_path / "child.keras")
    loaded = keras.models.load_model(tmp_path / "child.keras")
    assert {weight.path for weight in loaded.trainable_weights} == head
    assert len(loaded.optimizer.variables) == len(network.optimizer.variables)
    for model in (network, loaded):
        fit(model)
    np.testing.assert_equal(values(loaded), values(network))


FROZEN = {
    "all": lambda model: setattr(model, "trainable", False),
    "all but the head": freeze_all_but_the_head,
    "one normalization": lambda model: setattr(
        model.get_layer("cell_0_normal_0_2_sep_conv_3x3").normalizations[1], "trainable", False
    ),
    "nothing": lambda model: None,
}


def trainable_of(model):
    layers = [
        model,
        *model.layers,
        *model.get_layer("cell_0_normal_0_2_sep_conv_3x3").normalizations,
    ]
    return [layer.trainable for layer in layers], [
        weight.path for weight in model.trainable_weights
    ]


@pytest.mark.slow
@pytest.mark.parametrize("frozen", FROZEN)
def test_every_copy_of_a_network_is_frozen_where_it_is(frozen, tmp_path):
    network = child()
    FROZEN[frozen](network)
    expected = trainable_of(network)
    network.save(tmp_path / "child.keras")
    copies = {
        "loaded": keras.models.load_model(tmp_path / "child.keras"),
        "from its config": ChildNetwork.from_config(network.get_config()),
        "without auxiliary": network.without_auxiliary(),
    }
    assert {name: trainable_of(copy) for name, copy in copies.items()} == dict.fromkeys(
        copies, expected
    )


def test_a_frozen_constructor_argument_freezes_all():
    assert not child(trainable=False).trainable_weights
    assert not Supernet(CELLS, SKELETON, trainable=False).trainable_weights


def test_a_layer_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="names a layer that 'child' has not: 'cell_7'"):
        trainability.restore(child(), {"cell_7": False})


@pytest.mark.slow
def test_the_statistics_of_a_frozen_layer_are_not_refreshed():
    network = child()
    stem = network.get_layer("stem")
    stem.trainable = False
    before = values(network)
    network.refresh_statistics([digits(0, 32)[0]])
    running = {weight.path for weight in network.weights if "moving" in weight.path}
    assert changed(network, before) == running - {weight.path for weight in stem.weights}


def data(size=16):
    return tf.data.Dataset.from_tensor_slices(digits(0, 2 * size)).batch(size)


def search(model):
    model.fit(data(), epochs=1, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("ops", ["TensorFlow", "custom C++ ops"])
def test_a_frozen_supernet_does_not_move_in_a_search(estimator, ops, request):
    if ops != "TensorFlow":
        request.getfixturevalue("native_operations")
    skeleton = space.Skeleton(num_cells=1, init_channels=8, num_classes=10, image_shape=(8, 8, 1))
    model = build(skeleton=skeleton, estimator=estimator, logits=1.0)
    model.supernet.trainable = False
    model.compile("sgd", architecture_optimizer="adam", loss=CROSS_ENTROPY)
    before = values(model)
    search(model)
    assert not changed(model.supernet, before)
    assert changed(model.architecture, before)


@pytest.mark.slow
def test_a_frozen_cell_does_not_move_and_the_others_do():
    model = build(logits=1.0, network={"rematerialize": True})
    cell = model.supernet.cell_layers[1]
    cell.trainable = False
    model.compile("sgd", architecture_optimizer="adam", loss=CROSS_ENTROPY)
    before = values(model)
    search(model)
    moved = changed(model.supernet, before)
    assert not any(path.startswith(cell.path) for path in moved)
    for other in (
        model.supernet.stem,
        model.supernet.cell_layers[0],
        model.supernet.cell_layers[2],
    ):
        of_other = {weight.path for weight in other.weights}
        assert of_other & moved == of_other


def test_a_frozen_supernet_does_not_move_on_two_replicas(two_replicas):
    with two_replicas.scope():
        model = build(logits=1.0, network={"synchronized_batch_norm": True})
        for layer in (model.supernet.stem, *model.supernet.cell_layers):
            layer.trainable = False
        model.compile("sgd", architecture_optimizer="adam", loss=CROSS_ENTROPY)
    for weight in model.supernet.weights:  # a mean of equal numbers is not always the number
        weight.assign(np.random.default_rng(0).uniform(0.5, 1.5, weight.shape))
    before = values(model)
    model.fit(data(15), epochs=1, verbose=0)
    head = {weight.path for weight in model.supernet.classifier.weights}
    assert changed(model.supernet, before) == head
    assert changed(model.architecture, before)


@pytest.mark.slow
def test_a_search_remembers_what_is_frozen_of_its_supernet(tmp_path):
    model = build()
    model.supernet.cell_layers[1].trainable = False
    model.supernet.stem.convolutions[0].normalization.trainable = False
    model.compile("sgd", architecture_optimizer="adam", loss=CROSS_ENTROPY)
    search(model)
    model.save(tmp_path / "search.keras")
    loaded = keras.models.load_model(tmp_path / "search.keras")
    assert [weight.path for weight in loaded.trainable_weights] == [
        weight.path for weight in model.trainable_weights
    ]
    assert trainability.flags(loaded.supernet) == trainability.flags(model.supernet) != {}
    for each in (model, loaded):
        search(each)
    np.testing.assert_equal(values(loaded), values(model))
