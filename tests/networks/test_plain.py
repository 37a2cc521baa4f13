# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The child network in Keras's own layers: the same answers, and nothing of this package."""

import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, Supernet, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import plain
from tests.networks.cells.test_child_network import EMPTY, MIXED, ONE_INPUT, SPARSE, randomize

EDGES = ((0, 2), (1, 2), (2, 3), (1, 3))  # of stride 1 and 2 in a reduction cell
MEAN, DEVIATION = (0.2, 0.5, 0.7), (0.1, 0.3, 0.2)
NAMES = ["cat", "dog/hot", "größer 象", "0", "a b"]


def skeleton(size=(8, 8), channels=3, stem="cifar", **kwargs):
    plan = {"num_cells": 3, "init_channels": 4, "num_classes": 5, **kwargs}
    return space.Skeleton(image_shape=(*size, channels), stem=stem, **plan)


def child_of(genotype, plan=None, **kwargs):
    return randomize(ChildNetwork(genotype, plan or skeleton(), **kwargs))


def images_of(shape, count=4):
    return np.random.default_rng(1).normal(size=(count, *shape)).astype("float32")


def assert_same_answers(child, network, tolerance=1e-5):
    """To 1e-5 of the greatest logit, for logits of random networks are of any size."""
    images = images_of(child.skeleton.image_shape)
    expected, found = (np.asarray(model(images)) for model in (child, network))
    assert expected.std() > 0.01  # else anything is equal
    assert np.abs(found - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


@pytest.fixture(scope="module")
def mixed():
    """A network with all that can be told of it, and the child that it was written from."""
    child = child_of(MIXED, dtype="float32")
    return child, child.to_keras(mean=MEAN, deviation=DEVIATION, class_names=NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(4, 6), (9, 7)], ids=str)
@pytest.mark.parametrize("operation", space.PRIMITIVES[1:])
def test_every_operation_answers_as_in_the_child(operation, size):
    edges = tuple((*edge, operation) for edge in EDGES)
    child = child_of(
        space.Genotype({"normal": edges, "reduction": edges}, num_nodes=2), skeleton(size)
    )
    assert_same_answers(child, child.to_keras())


@pytest.mark.slow
@pytest.mark.parametrize("size", [(32, 32), (41, 35)], ids=str)
def test_imagenet_stem(size):
    child = child_of(MIXED, skeleton(size, stem="imagenet"))
    assert_same_answers(child, child.to_keras())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SNAS_AGGRESSIVE", "DARTS_V1"])
def test_published_networks(name):
    child = child_of(space.PUBLISHED[name], skeleton((5, 5)))
    assert_same_answers(child, child.to_keras())


@pytest.mark.parametrize("genotype", [EMPTY, SPARSE, ONE_INPUT], ids=["empty", "sparse", "one"])
def test_nodes_and_inputs_that_no_edge_uses(genotype):
    child = child_of(genotype)
    network = child.to_keras()
    images = images_of(child.skeleton.image_shape)
    np.testing.assert_allclose(network(images), child(images), rtol=1e-5, atol=1e-5)
    assert network.count_params() <= child.count_params()


@pytest.mark.slow
def test_the_weights_of_a_supernet_without_scale_and_shift():
    supernet = randomize(Supernet(space.CellSpace(3), skeleton()))
    child = supernet.child(MIXED)
    assert_same_answers(child, child.to_keras())


@pytest.mark.slow
def test_auxiliary_head_and_drop_path_are_left_out():
    child = child_of(MIXED, skeleton((29, 29)), auxiliary=True, drop_path=0.3)
    network = child.to_keras()
    assert_same_answers(child.without_auxiliary(), network)


@pytest.mark.slow
def test_a_child_in_bfloat16_is_written_in_float32():
    child = child_of(MIXED, dtype="mixed_bfloat16")
    network = child.to_keras()
    exact = ChildNetwork(MIXED, child.skeleton, dtype="float32")
    exact.set_weights(child.get_weights())
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert_same_answers(exact, network)
    assert_same_answers(child, child.to_keras(dtype="mixed_bfloat16"), tolerance=0.05)


def test_a_global_policy_changes_nothing():
    child = child_of(MIXED, dtype="float32")
    keras.config.set_dtype_policy("mixed_bfloat16")
    _, *layers = child.to_keras().layers  # Keras gives an input layer, which computes nothing, its
    assert {layer.compute_dtype for layer in layers} == {"float32"}


@pytest.mark.slow
def test_it_normalises_raw_pixels(mixed):
    child, network = mixed
    pixels = np.random.default_rng(2).integers(0, 256, (6, 8, 8, 3), np.uint8)
    normalised = (pixels / 255 - np.array(MEAN)) / np.array(DEVIATION)
    expected = child(normalised.astype("float32"))
    np.testing.assert_allclose(network(pixels), expected, rtol=1e-5, atol=1e-5)
    answered = network.predict(pixels.astype("float32"), verbose=0)
    np.testing.assert_allclose(answered, expected, rtol=1e-5, atol=1e-5)


def test_probabilities_where_asked_for(mixed):
    child, _ = mixed
    images = images_of((8, 8, 3))
    found = child.to_keras(classifier_activation="softmax")(images)
    np.testing.assert_allclose(found, keras.ops.softmax(child(images)), atol=1e-5)


@pytest.mark.slow
def test_images_of_any_size():
    child = child_of(MIXED)
    network = child.to_keras(input_shape=(None, None, 3))
    larger = ChildNetwork(child.genotype, skeleton((13, 10)))
    larger.set_weights(child.get_weights())
    assert_same_answers(larger, network)
    assert_same_answers(child, network)


def test_all_layers_are_keras_own_and_say_where_the_channels_are(mixed):
    config = json.loads(mixed[1].to_json())
    layers = config["config"]["layers"]
    assert {layer["module"] for layer in layers} == {"keras.layers"}
    assert not any(layer["registered_name"] for layer in layers)
    assert "Lambda" not in {layer["class_name"] for layer in layers}
    spatial = [layer["config"] for layer in layers if "2D" in layer["class_name"]]
    assert {layer["data_format"] for layer in spatial} == {"channels_last"}
    assert "snas_tf>" not in json.dumps(config)


def test_layers_bear_the_names_of_the_genotype(mixed):
    child, network = mixed
    names = {layer.name for layer in network.layers}
    for plan in child.skeleton.plan(MIXED.num_nodes):
        for source, node, operation in MIXED.connections(plan.kind):
            edge = f"cell_{plan.index}_{plan.kind}_{source}_{node}_{operation}"
            assert any(name.startswith(edge) for name in names), edge


@pytest.mark.slow
def test_another_keras_json_changes_nothing(mixed, tmp_path):
    _, network = mixed
    network.save(tmp_path / "network.keras")
    images = images_of((8, 8, 3))
    expected = network.predict(images, verbose=0)
    formats, floats = keras.config.image_data_format(), keras.config.floatx()
    try:
        keras.config.set_image_data_format("channels_first")
        keras.config.set_floatx("float16")
        keras.config.set_dtype_policy("float16")
        loaded = keras.saving.load_model(tmp_path / "network.keras")
        np.testing.assert_allclose(loaded.predict(images, verbose=0), expected, atol=1e-5)
    finally:
        keras.config.set_image_data_format(formats)
        keras.config.set_floatx(floats)


@pytest.mark.slow
def test_metadata_survives_saving_cloning_and_nesting(mixed, tmp_path):
    child, network = mixed
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    cut = keras.Model(loaded.input, loaded.get_layer("features").output)
    images = keras.Input((8, 8, 3))
    nested = keras.Model(images, keras.layers.Dense(2)(cut(images)))
    nested.save(tmp_path / "nested.keras")
    models = [network, loaded, keras.models.clone_model(loaded), nested]
    files = [tmp_path / "network.keras", str(tmp_path / "nested.keras")]
    for place in (*models, *files, keras.saving.load_model(files[1])):
        found = plain.metadata(place)
        assert found["class_names"] == NAMES
        assert (found["mean"], found["deviation"]) == ([*MEAN], [*DEVIATION])
        assert space.Genotype.from_json(json.dumps(found["genotype"])) == MIXED
        assert space.Skeleton.from_config(found["skeleton"]) == child.skeleton
        assert found["output"] == "logits"


def test_a_file_that_is_no_plain_network_is_refused_in_words(mixed, tmp_path):
    child, _ = mixed
    child.save(tmp_path / "child.keras")
    (tmp_path / "text.keras").write_text("no network")
    with zipfile.ZipFile(tmp_path / "zip.keras", "w") as archive:
        archive.writestr("other", "")
    for name, words in (
        ("child.keras", "no layer 'metadata'"),
        ("text.keras", "of another format"),
        ("zip.keras", "of another format"),
        ("none.keras", "No such file"),
    ):
        with pytest.raises(InvalidInput, match=words):
            plain.metadata(tmp_path / name)
    with pytest.raises(InvalidInput, match="no layer 'metadata'"):
        plain.metadata(keras.Sequential([keras.Input((2,))]))


@pytest.mark.slow
def test_it_learns_as_the_child_does():
    """In training mode: the batch's statistics, gradients, and then the running statistics."""
    child = child_of(MIXED)
    network = child.to_keras()
    images, labels = images_of((8, 8, 3), 16), np.arange(16) % 5
    found = []
    for model in (child, network):
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        gradients = tape.gradient(loss, model.trainable_variables)
        norms = sorted(float(tf.norm(gradient)) for gradient in gradients)
        found.append((logits, norms, model(images)))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=2e-3, atol=2e-3 * np.abs(ours).max())


@pytest.mark.slow
def test_what_is_frozen_in_the_child_is_frozen():
    child = child_of(MIXED)
    for layer in child.layers[:-1]:
        layer.trainable = False
    network = child.to_keras()
    assert [weight.path for weight in network.trainable_weights] == [
        "classifier/kernel",
        "classifier/bias",
    ]
    for layer in child.layers[:-1]:
        layer.trainable = True
    child.get_layer("cell_0_normal_0_2_sep_conv_3x3").normalizations[1].trainable = False
    (frozen,) = (layer.name for layer in child.to_keras().layers if not layer.trainable)
    assert frozen == "cell_0_normal_0_2_sep_conv_3x3_2_normalization"


@pytest.mark.slow
def test_what_is_frozen_stays(mixed):
    _, network = mixed
    network = keras.models.clone_model(network)
    for layer in network.layers[:-1]:
        layer.trainable = False
    before = [weight.numpy() for weight in network.weights]
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    network.fit(images_of((8, 8, 3), 8), np.arange(8) % 5, verbose=0)
    moved = [
        weight.path
        for weight, old in zip(network.weights, before, strict=True)
        if not np.array_equal(weight.numpy(), old)
    ]
    assert moved == ["classifier/kernel", "classifier/bias"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mean": MEAN}, "together"),
        ({"mean": (0.5,), "deviation": DEVIATION}, "`mean` must have 3"),
        ({"mean": MEAN, "deviation": (1, 2)}, "`deviation` must have 3"),
        ({"mean": MEAN, "deviation": (1, 0, 1)}, "positive"),
        ({"class_names": ["a"]}, "5 names"),
        ({"input_shape": (8, 8, 1)}, "as many channels"),
    ],
)
def test_what_does_not_fit_is_refused(mixed, arguments, words):
    with pytest.raises(ValueError, match=words):
        mixed[0].to_keras(**arguments)
