# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
import keras
import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.networks import morphs

ROOT = space.convolutional_root((8, 8, 3), 4, num_blocks=2, filters=4, dense_units=6)


def trained(model, seed=0):
    """The model with weights and statistics as a training leaves them: none of them special."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if "seed_generator" in weight.path:
            continue
        low = 0.5 if "variance" in weight.name else -0.7
        weight.assign(rng.uniform(low, 1.0, weight.shape))
    return model


def images(shape=(8, 8, 3), number=5):
    return np.random.default_rng(1).normal(size=(number, *shape)).astype(np.float32)


def relative_difference(model, other, x):
    expected, given = (each(x, training=False).numpy() for each in (model, other))
    return np.abs(given - expected).max() / (1 + np.abs(expected).max())


def without_dropout(model):
    other = keras.models.clone_model(model)
    other.get_layer("dropout").rate = 0.0
    other.set_weights(model.get_weights())
    return other


def everything():
    """A root with all that morphs must get through: merges, Flatten, depthwise, two branches."""
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="images")
    a = layers.Conv2D(4, 3, padding="same", activation="relu", name="a")(inputs)
    b = layers.Conv2D(4, 5, padding="same", use_bias=False, name="b")(a)
    b = layers.BatchNormalization(epsilon=1e-2, name="b_bn")(b)
    tied = layers.Add(name="tied")([a, b])
    c = layers.SeparableConv2D(3, 3, padding="same", name="c")(layers.ReLU(name="r")(tied))
    d = layers.DepthwiseConv2D(3, padding="same", name="d")(tied)
    both = layers.Concatenate(name="both")([layers.ReLU(name="rc")(c), layers.ReLU(name="rd")(d)])
    pooled = layers.MaxPooling2D(name="pool")(both)
    flat = layers.Flatten(name="flat")(pooled)
    dense = layers.Dense(5, activation="relu", name="dense")(layers.Dropout(0.3, name="drop")(flat))
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="out")(dense))


@pytest.fixture(scope="module")
def parent():
    return trained(morphs.build(ROOT))


def test_a_built_network_has_the_weights_that_are_counted_and_is_read_as_its_graph(parent):
    counted = space.layer_graph_cost(ROOT).parameters
    assert counted == sum(int(np.prod(w.shape)) for w in parent.trainable_weights)
    assert morphs.layer_graph(parent) == ROOT
    assert {type(layer).__module__.split(".")[0] for layer in parent.layers} == {"keras"}


def test_all_single_morphs_of_the_start_keep_its_function(parent):
    morphisms = space.MorphSpace(ROOT)
    x = images()
    kinds = set()
    for morph, architecture in list(morphisms.morphs(ROOT))[::2]:
        child = morphs.inherit(parent, architecture)
        assert relative_difference(parent, child, x) < 1e-5, str(morph)
        kinds.add(morph.kind)
        counted = space.layer_graph_cost(architecture).parameters
        assert (
            child.count_params() - sum(int(np.prod(w.shape)) for w in child.non_trainable_weights)
            == counted
        )
    assert kinds == {"deepen", "widen", "add", "concat"}


@pytest.mark.parametrize("seed", range(5))
def test_morphs_in_a_row_keep_the_function_of_any_model(seed):
    model = trained(everything())
    root = morphs.layer_graph(model)
    morphisms = space.MorphSpace(root, max_sampled=1)
    rng = np.random.default_rng(seed)
    architecture = root
    x = images()
    for _ in range(3):
        architecture = morphisms.mutate(architecture, rng)
    child = morphs.inherit(model, architecture)
    assert relative_difference(model, child, x) < 1e-5
    for _ in range(3):
        architecture = morphisms.mutate(architecture, rng)
    trained(child, seed)
    grandchild = morphs.inherit(child, architecture)
    assert relative_difference(child, grandchild, x) < 1e-5
    assert relative_difference(model, morphs.inherit(model, architecture), x) < 1e-5


@pytest.mark.parametrize("place", ["a", "c", "dense"])
def test_widening_goes_through_additions_concatenations_and_flatten(place):
    model = trained(everything())
    root = morphs.layer_graph(model)
    found = {
        morph.place: grown
        for morph, grown in space.MorphSpace(root).morphs(root)
        if morph.kind == "widen"
    }
    assert {*found} == {"a", "c", "dense"}  # b is tied to a; out is the output
    child = morphs.inherit(model, found[place])
    assert relative_difference(model, child, images()) < 1e-5
    if place == "a":
        assert child.get_layer("b").kernel.shape == (5, 5, 8, 8)
        kernels = keras.ops.convert_to_numpy(child.get_layer("b").kernel)
        assert not np.allclose(kernels[:, :, :4], kernels[:, :, 4:])  # the symmetry is broken


def test_all_but_a_new_normalization_keeps_the_function_in_training_too():
    parent = trained(morphs.build(ROOT))
    for morph, architecture in space.MorphSpace(ROOT).morphs(ROOT):
        if str(morph) in (
            "conv_3x3 behind relu_1",
            "conv_1 twice as wide",
            "images added to normalization_2",
            "pool_1 beside relu_2",
        ):
            child = morphs.inherit(parent, architecture)
            x = images(number=8)
            answers = [without_dropout(m)(x, training=True).numpy() for m in (parent, child)]
            np.testing.assert_allclose(*answers, rtol=1e-4, atol=1e-4)


def test_a_child_is_saved_and_loaded_as_plain_keras_and_trains(parent, tmp_path):
    architecture = space.MorphSpace(ROOT).sample(np.random.default_rng(3))
    child = morphs.inherit(parent, architecture)
    child.save(tmp_path / "child.keras")
    again = keras.models.load_model(tmp_path / "child.keras", custom_objects={})
    assert relative_difference(child, again, images()) == 0
    again.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    again.fit(images(), np.arange(5) % 4, verbose=0)
    # What was read from a model is as good as what built it.
    further = morphs.inherit(
        again, space.MorphSpace(ROOT).mutate(architecture, np.random.default_rng(5))
    )
    assert relative_difference(again, further, images()) < 1e-5


def test_the_same_seed_gives_the_same_weights(parent):
    wide = next(g for m, g in space.MorphSpace(ROOT).morphs(ROOT) if m.kind == "widen")
    once, again, other = (morphs.inherit(parent, wide, seed=seed) for seed in (0, 0, 1))
    kernels = [m.get_layer("conv_2").kernel.numpy() for m in (once, again, other)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert (kernels[0] != kernels[2]).any()


def test_a_sequential_model_and_tables_can_be_roots():
    layers = keras.layers
    model = trained(
        keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
    )
    root = morphs.layer_graph(model)
    x = images((6,))
    for _, architecture in space.MorphSpace(root).morphs(root):
        assert relative_difference(model, morphs.inherit(model, architecture), x) < 1e-5
    dense = space.dense_root(6, 2, num_layers=1, units=4)
    assert morphs.layer_graph(morphs.build(dense)) == dense


def test_other_parents_and_models_are_refused_by_name(parent):
    other = space.convolutional_root((8, 8, 3), 4, num_blocks=3, filters=4)
    with pytest.raises(InvalidInput, match="without its layer 'dense_1'"):
        morphs.inherit(parent, other)
    inputs = keras.Input((4,))
    with pytest.raises(InvalidInput, match=r"'norm' must be one of keras\.layers"):
        morphs.layer_graph(
            keras.Model(inputs, keras.layers.LayerNormalization(name="norm")(inputs))
        )
    dense = keras.layers.Dense(4, name="twice")
    with pytest.raises(InvalidInput, match="'twice' must be called once"):
        morphs.layer_graph(keras.Model(inputs, dense(dense(inputs))))
    with pytest.raises(InvalidInput, match="functional or Sequential"):
        morphs.layer_graph(keras.Sequential([keras.layers.Dense(2)]))
    with pytest.raises(InvalidInput, match="one input and one output"):
        morphs.layer_graph(keras.Model(inputs, [inputs, dense(inputs)]))
    with pytest.raises(InvalidInput, match=r"keras\.src\.ops"):
        morphs.layer_graph(keras.Model(inputs, inputs + inputs))
