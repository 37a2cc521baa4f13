# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Any Keras model with choices: its children are what it computes, and plain Keras."""

import math
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from snas_tf import ArchitectureDistribution, Choice, InputChoice, Repeat, Snas
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChoiceSupernet
from snas_tf.networks.traced_cost import multiply_adds
from tests import choice_models

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def inputs_of(model, count=3):
    generator = np.random.default_rng(0)

    def some(tensor):
        if tensor.dtype.startswith("int"):
            return generator.integers(0, 4, (count, *tensor.shape[1:])).astype(tensor.dtype)
        return generator.normal(size=(count, *tensor.shape[1:])).astype("float32")

    return keras.tree.map_structure(some, model.input)


def moved(network):
    """Statistics that do something."""
    for variable in network.non_trainable_variables:
        if "float" in variable.dtype:
            variable.assign(np.random.default_rng(2).uniform(0.5, 1.5, variable.shape))
    return network


def assert_child_is_supernet(network, inputs, architecture):
    rows = network.space.encode(architecture)
    child = network.child(architecture)
    expected = keras.tree.flatten(child(inputs))
    for one_hot in (False, True):
        answers = keras.tree.flatten(network(inputs, rows, one_hot=one_hot))
        for answer, wanted in zip(answers, expected, strict=True):
            np.testing.assert_allclose(answer, wanted, rtol=1e-6, atol=1e-6)
    return child


def assert_costs(network, child, architecture):
    weights = sum(math.prod(weight.shape) for weight in child.trainable_weights)
    assert network.costs.cost(network.space.encode(architecture)) == {
        "parameters": weights,
        "multiply_adds": multiply_adds(child),
    }


@pytest.mark.parametrize("build", [choice_models.nested, choice_models.series])
def test_a_child_is_the_supernet_under_its_one_hot_rows_and_costs_what_the_table_says(build, rng):
    model = build()
    network, inputs = moved(ChoiceSupernet(model)), inputs_of(model)
    for _ in range(2):
        architecture = network.space.sample(rng)
        child = assert_child_is_supernet(network, inputs, architecture)
        assert_costs(network, child, architecture)


OPTIONS = {
    "dense": lambda: layers.Dense(4, "tanh"),
    "two": lambda: keras.Sequential(
        [layers.Dense(5), layers.BatchNormalization(), layers.Dense(4)]
    ),
    "identity": lambda: layers.Identity(),
    "norm": lambda: layers.LayerNormalization(),
    "dropout": lambda: layers.Dropout(0.5),
}


@st.composite
def random_graphs(draw):
    """A graph of features (batch, 4), each step a choice, a repetition or an operation."""
    tensors = [keras.Input((4,))]
    for step in range(draw(st.integers(1, 4))):
        source = tensors[draw(st.integers(0, len(tensors) - 1))]
        kind = draw(st.sampled_from(["choice", "repeat", "inputs", "add", "nested"]))
        if kind == "choice":
            names = draw(st.lists(st.sampled_from(list(OPTIONS)), min_size=1, unique=True))
            layer = Choice({name: OPTIONS[name]() for name in names}, name=f"choice_{step}")
        elif kind == "repeat":
            block, least = OPTIONS[draw(st.sampled_from(list(OPTIONS)))](), draw(st.integers(0, 2))
            layer = Repeat(block, 2, least=least, name=f"repeat_{step}")
        elif kind == "nested":
            inner = keras.Input((4,))
            chosen = Choice([layers.Dense(4), layers.Identity()], name=f"inner_{step}")(inner)
            layer = keras.Model(inner, chosen, name=f"nested_{step}")
        elif kind == "inputs":
            take = draw(st.integers(1, len(tensors)))
            layer = InputChoice(len(tensors), take=take, join="average", name=f"inputs_{step}")
            source = list(tensors)
        else:
            layer, source = layers.Add(), [source, tensors[-1]]
        tensors.append(layer(source))
    last = Choice([layers.Dense(2), layers.Dense(2, "relu")], name="last")(tensors[-1])
    return keras.Model(tensors[0], last)


@given(model=random_graphs(), seed=st.integers(0, 10**6))
@settings(max_examples=15)
def test_a_child_is_the_supernet_in_random_graphs(model, seed):
    network = moved(ChoiceSupernet(model))
    architecture = network.space.sample(np.random.default_rng(seed))
    assert_child_is_supernet(network, inputs_of(model), architecture)


def mobile_net():
    """MobileNetV2, in which every depthwise convolution of stride one may have a larger kernel."""
    plain = keras.applications.MobileNetV2((32, 32, 3), 0.35, weights=None, classes=10)

    def opened(layer):
        copy = type(layer).from_config(layer.get_config())
        if not isinstance(layer, layers.DepthwiseConv2D) or layer.strides != (1, 1):
            return copy
        larger = layers.DepthwiseConv2D(5, padding="same", use_bias=False)
        return Choice({"3": copy, "5": larger}, name=layer.name)

    return keras.models.clone_model(plain, clone_function=opened)


def test_a_published_network_with_thirteen_choices(rng):
    model = mobile_net()
    network = moved(ChoiceSupernet(model))
    assert len(network.space.decisions) == 13
    architecture = network.space.sample(rng)
    child = assert_child_is_supernet(network, inputs_of(model, 1), architecture)
    assert_costs(network, child, architecture)


LOADING = """
import sys

class Blocker:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "snas_tf":
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
import keras, numpy

network = keras.models.load_model("found.keras")
numpy.save("answer.npy", network(numpy.load("pixels.npy")))
"""


def test_what_was_found_loads_where_this_package_cannot_be_imported(tmp_path, rng):
    model = choice_models.images()
    network, pixels = moved(ChoiceSupernet(model)), inputs_of(model)
    child = network.child(network.space.sample(rng))
    child.save(tmp_path / "found.keras")
    np.save(tmp_path / "pixels.npy", pixels)
    program = [sys.executable, "-c", LOADING]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), child(pixels), atol=1e-6)


def test_the_model_trains_and_saves_as_it_is_with_the_first_options(tmp_path):
    model = choice_models.images()
    model.compile("sgd", CROSS_ENTROPY)
    pixels = inputs_of(model, 4)
    model.fit(pixels, np.arange(4) % 3, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(pixels), model(pixels))
    network = ChoiceSupernet(model)
    first = network.space.decode(
        {d.name: -np.arange(np.prod(d.shape)).reshape(d.shape) for d in network.space.decisions}
    )
    np.testing.assert_allclose(network.child(first)(pixels), model(pixels), atol=1e-6)


def test_children_keep_what_is_frozen(rng):
    model = choice_models.images()
    model.get_layer("kernel").trainable = False
    model.get_layer("depth").blocks[0].layers[1].trainable = False
    network = ChoiceSupernet(model)
    rows = network.space.encode(network.space.sample(rng))
    rows["kernel"], rows["depth"] = np.eye(3)[:1], np.eye(3)[:1]
    child = network.child(network.space.decode(rows))
    assert not child.get_layer("kernel").trainable
    assert [x.trainable for x in child.get_layer("depth_0").layers] == [True, False, True]
    assert all(x.trainable for x in child.get_layer("depth_1").layers)


def test_in_single_path_the_others_learn_nothing_and_keep_their_statistics():
    features = keras.Input((4,))
    options = {
        name: keras.Sequential([layers.Dense(4), layers.BatchNormalization()]) for name in "ab"
    }
    model = keras.Model(features, Choice(options, name="only")(features))
    network = ChoiceSupernet(model)
    x = tf.constant(inputs_of(model, 8))
    row = {"only": tf.constant([[0.0, 1.0]])}

    @tf.function
    def gradients():
        with tf.GradientTape() as tape:
            tape.watch(row["only"])
            loss = tf.reduce_sum(network(x, row, training=True, one_hot=True) ** 2)
        zero = tf.UnconnectedGradients.ZERO
        found = tape.gradient(
            loss, [*network.trainable_variables, row["only"]], unconnected_gradients=zero
        )
        return [tf.convert_to_tensor(part) for part in found]

    *of_weights, of_row = gradients()
    half = len(of_weights) // 2
    assert not any(np.any(part) for part in of_weights[:half])
    assert all(np.any(part) for part in of_weights[half : half + 1])
    answer = options["b"](x, training=True).numpy()
    np.testing.assert_allclose(of_row, [[0.0, 2 * (answer**2).sum()]], rtol=1e-4)
    means = [option.layers[1].moving_mean.numpy() for option in options.values()]
    assert not means[0].any() and means[1].any()


def test_the_gradient_of_a_row_is_each_options_share():
    model = choice_models.part()
    network, x = ChoiceSupernet(model), tf.constant(inputs_of(model, 5))
    row = tf.constant([[0.2, 0.5, 0.3]])
    with tf.GradientTape() as tape:
        tape.watch(row)
        answer = network(x, {"within": row})
        loss = tf.reduce_sum(answer**2)
    answers = [option(x) for option in model.get_layer("within").option_layers]
    mixture = 0.2 * answers[0] + 0.5 * answers[1] + 0.3 * answers[2]
    np.testing.assert_allclose(answer, mixture, rtol=1e-5, atol=1e-6)
    shares = [2 * tf.reduce_sum(mixture * part) for part in answers]
    np.testing.assert_allclose(tape.gradient(loss, row)[0], shares, rtol=1e-5)


def test_inputs_are_taken_by_name(rng):
    model = choice_models.nested()
    network, inputs = ChoiceSupernet(model), inputs_of(model)
    rows = network.space.encode(network.space.sample(rng))
    expected = network(inputs, rows)
    others = {"more": inputs["left"], "right": inputs["right"], "left": inputs["left"]}
    np.testing.assert_array_equal(network(others, rows)["sum"], expected["sum"])


def test_several_outputs_are_searched_and_the_search_is_saved(tmp_path):
    model = choice_models.nested()
    inputs = inputs_of(model, 8)
    labels = {"sum": np.arange(8) % 2, "right": np.ones((8, 1), "float32")}
    network = ChoiceSupernet(model)
    search = Snas(network, ArchitectureDistribution(network.space))
    losses = {"sum": CROSS_ENTROPY, "right": "mean_squared_error"}
    search.compile("sgd", losses, architecture_optimizer="sgd")
    search.fit(inputs, labels, batch_size=4, verbose=0)
    assert all(np.abs(logits).max() > 0 for logits in search.architecture.logits.values())
    search.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    answers, expected = loaded(inputs), search.child()(inputs)
    for name, answer in answers.items():
        np.testing.assert_allclose(answer, expected[name], atol=1e-6)


@pytest.mark.parametrize("estimator", ["concrete", "score_function"])
def test_two_replicas_have_one_state(estimator, two_replicas):
    with two_replicas.scope():
        network = ChoiceSupernet(choice_models.normalized())
        search = Snas(network, ArchitectureDistribution(network.space), estimator=estimator)
        search.compile("sgd", CROSS_ENTROPY, architecture_optimizer="sgd")
    features = inputs_of(network.model, 8)
    history = search.fit(features, np.arange(8) % 3, batch_size=4, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for variable in search.variables:
        values = two_replicas.experimental_local_results(variable.value)
        np.testing.assert_array_equal(values[0], values[-1])


def test_mixed_precision_and_xla(rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    network = ChoiceSupernet(choice_models.normalized())
    search = Snas(network, ArchitectureDistribution(network.space), estimator="straight_through")
    search.compile("sgd", CROSS_ENTROPY, architecture_optimizer="sgd", jit_compile=True)
    features = inputs_of(network.model, 4)
    history = search.fit(features, np.arange(4) % 3, batch_size=4, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    architecture = network.space.sample(rng)
    answer = network(features, network.space.encode(architecture))
    np.testing.assert_allclose(answer, network.child(architecture)(features), atol=0.05)


class Holder(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = Choice([layers.Dense(4)], name="hidden")

    def call(self, x):
        return self.inner(x)


class Subclassed(keras.Model):
    def call(self, x):
        return x


def on_features(*steps):
    x = features = keras.Input((4,))
    for step in steps:
        x = step(x)
    return keras.Model(features, x)


REFUSED = {
    "nothing is open": (lambda: on_features(layers.Dense(2)), "leaves something open"),
    "no graph": (Subclassed, "docs/choice.md"),
    "hidden in a layer": (lambda: on_features(Holder()), "'hidden' must be a layer of"),
    "one name": (
        lambda: on_features(
            choice_models.part_of(4, "same"), choice_models.part_of(4, "same", "other")
        ),
        "different names: given two of 'same'",
    ),
    "other options": (
        lambda: on_features(
            Choice({"a": layers.Dense(4)}, decision="x"),
            Choice({"b": layers.Dense(4)}, decision="x"),
        ),
        "given a and b",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_seen_is_refused(case):
    build, message = REFUSED[case]
    with pytest.raises(InvalidInput, match=message):
        ChoiceSupernet(build())


def test_a_loss_of_activations_is_refused_in_single_path():
    model = on_features(Choice([layers.Dense(4, activity_regularizer="l2")], name="only"))
    with pytest.raises(InvalidInput, match="activity_regularizer"):
        ChoiceSupernet(model)
