# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The child network: the supernet's answers, the costs' counts, and an ordinary Keras model."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from snas_tf import ChildNetwork, Supernet, space
from snas_tf.layers import DropPath
from tests.space.strategies import genotypes, skeletons

pytestmark = pytest.mark.slow

# To build networks takes too long to look for smaller counterexamples.
SLOW = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
NODES = 3
CELLS = space.CellSpace(NODES)
SMALL = space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=(8, 8, 2))
EMPTY = space.Genotype({"normal": (), "reduction": ()}, num_nodes=NODES)
# An input that no edge uses, an empty node, a node that leads nowhere but to the output.
SPARSE = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (2, 3, "avg_pool_3x3")),
        "reduction": ((0, 2, "skip_connect"), (0, 4, "dil_conv_5x5")),
    },
    num_nodes=NODES,
)
ONE_INPUT = space.Genotype(
    {
        "normal": tuple((0, node, "skip_connect") for node in (2, 3, 4)),
        "reduction": tuple((0, node, "max_pool_3x3") for node in (2, 3, 4)),
    },
    num_nodes=NODES,
)
MIXED = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "skip_connect"), (2, 3, "dil_conv_3x3")),
        "reduction": ((0, 2, "max_pool_3x3"), (1, 3, "skip_connect"), (2, 4, "sep_conv_5x5")),
    },
    num_nodes=NODES,
)


def images_of(skeleton, count=5):
    return np.random.default_rng(3).normal(size=(count, *skeleton.image_shape)).astype("float32")


IMAGES = images_of(SMALL)
LABELS = np.arange(len(IMAGES)) % 3


def one_hot(genotype, cells=CELLS):
    samples = {}
    for kind in space.KINDS:
        rows = [0] * cells.num_edges
        for source, node, operation in genotype.connections(kind):
            rows[cells.edges.index((source, node))] = cells.primitives.index(operation)
        samples[kind] = tf.one_hot(rows, cells.num_operations)
    return samples


def randomize(model, seed=0):
    """Weights and running statistics as no initializer makes them."""
    generator = np.random.default_rng(seed)
    for weight in model.weights:
        value = generator.normal(size=weight.shape) * 0.3
        if "variance" in weight.path:
            value = generator.uniform(0.3, 2.0, weight.shape)
        if "gamma" in weight.path:
            value += 1
        if weight.dtype == "float32":
            weight.assign(value)
    return model


@functools.cache
def random_supernet():
    supernet = randomize(Supernet(CELLS, SMALL, dtype="float32"))
    return supernet, tf.function(supernet)


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def cross_entropy(logits, labels=LABELS):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


# === The supernet's answers ===


@given(genotypes(most_nodes=NODES, least_nodes=NODES))
@example(EMPTY)
@example(SPARSE)
@example(ONE_INPUT)
@settings(SLOW, max_examples=12)
def test_it_answers_as_the_supernet_with_its_one_hot_samples(genotype):
    supernet, function = random_supernet()
    expected = function(IMAGES, one_hot(genotype), training=False)
    found = supernet.child(genotype)(IMAGES)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("stem", space.STEMS)
def test_it_answers_as_a_trained_supernet(stem, rng):
    skeleton = space.Skeleton(
        num_cells=2, init_channels=4, num_classes=3, image_shape=(9, 7, 2), stem=stem
    )
    supernet, images = Supernet(CELLS, skeleton), images_of(skeleton)
    weights = supernet.trainable_weights
    for _ in range(3):
        samples = {
            kind: tf.constant(rng.dirichlet(np.ones(8), CELLS.num_edges), tf.float32)
            for kind in space.KINDS
        }
        with tf.GradientTape() as tape:
            loss = cross_entropy(supernet(images, samples, training=True))
        for weight, gradient in zip(
            weights, tape.gradient(loss, [weight.value for weight in weights]), strict=True
        ):
            if gradient is not None:
                weight.assign_sub(0.1 * gradient)
    for genotype in (MIXED, SPARSE):
        expected = supernet(images, one_hot(genotype))
        np.testing.assert_allclose(supernet.child(genotype)(images), expected, atol=1e-4)


def test_it_trains_as_the_supernet_with_its_one_hot_samples():
    """In training mode too: the first logits, by the batch's statistics, are the same."""
    supernet, _ = random_supernet()
    statistics = supernet.get_weights()
    expected = supernet(IMAGES, one_hot(MIXED), training=True)
    found = supernet.child(MIXED)(IMAGES, training=True)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    supernet.set_weights(statistics)


def test_its_weights_are_a_copy():
    supernet, _ = random_supernet()
    before = supernet.get_weights()
    child = supernet.child(MIXED)
    for weight in child.weights:
        weight.assign(tf.zeros_like(weight.value))
    for left, right in zip(supernet.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)


def test_arguments_of_the_child_pass_through():
    child = random_supernet()[0].child(MIXED, drop_path=0.3, drop_path_steps=7, seed=5, name="mine")
    assert (child.drop_path, child.drop_path_steps, child.seed, child.name) == (0.3, 7, 5, "mine")


def test_mixed_precision_child_of_a_mixed_precision_supernet():
    keras.config.set_dtype_policy("mixed_bfloat16")
    supernet = Supernet(CELLS, SMALL)
    supernet.set_weights(random_supernet()[0].get_weights())
    found, expected = supernet.child(MIXED)(IMAGES), supernet(IMAGES, one_hot(MIXED))
    assert found.dtype == expected.dtype == tf.float32
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)


# === The costs' counts ===


@given(genotypes(most_nodes=4), skeletons(most_cells=4))
@example(EMPTY, SMALL)
@example(SPARSE, SMALL)
@example(ONE_INPUT, SMALL)
@settings(SLOW, max_examples=15)
def test_parameters_are_those_of_the_cost(genotype, skeleton):
    child = ChildNetwork(genotype, skeleton)
    assert trainable(child) == space.cost(genotype, skeleton).parameters


@pytest.mark.parametrize(
    ("name", "parameters"), [("SNAS_AGGRESSIVE", 2_313_622), ("DARTS_V2", 3_351_502)]
)
def test_published_networks_really_built(name, parameters):
    """The smallest and the largest; of all the cost is known, and that it is the network's."""
    skeleton = space.Skeleton(
        num_cells=20, init_channels=36, num_classes=10, image_shape=(32, 32, 3)
    )
    assert trainable(ChildNetwork(space.PUBLISHED[name], skeleton)) == parameters


def profiled_multiply_adds(model):
    """What TensorFlow's profiler counts in convolutions and matrix products, for one image."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    specification = tf.TensorSpec((1, *model.input_shape[1:]))
    graph = tf.function(model).get_concrete_function(specification).graph
    options = option_builder.ProfileOptionBuilder(
        option_builder.ProfileOptionBuilder.float_operation()
    )
    options = options.with_empty_output().with_node_names(show_name_regexes=[".*"])
    profile = model_analyzer.profile(graph, options=options.build())
    total, nodes = 0, [profile]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        if not node.children and node.total_float_ops:
            kind = graph.get_operation_by_name(node.name).type
            if kind in ("Conv2D", "DepthwiseConv2dNative", "MatMul"):
                total += node.total_float_ops // 2
    return total


@given(genotypes(most_nodes=3), st.sampled_from(space.STEMS), st.integers(1, 3))
@example(ONE_INPUT, "cifar", 3)
@settings(SLOW, max_examples=6)
def test_multiply_adds_are_those_of_tensorflows_profiler(genotype, stem, num_cells):
    """At sizes that stay even: the dilated convolution pads odd ones, and counts the padding."""
    skeleton = space.Skeleton(
        num_cells=num_cells, init_channels=4, num_classes=3, image_shape=(64, 64, 3), stem=stem
    )
    child = ChildNetwork(genotype, skeleton)
    assert profiled_multiply_adds(child) == space.cost(genotype, skeleton).multiply_adds


# === Drop path and auxiliary head ===


def test_drop_path_is_absent_in_inference_and_present_in_training():
    plain = randomize(ChildNetwork(MIXED, SMALL))
    dropping = ChildNetwork(MIXED, SMALL, drop_path=0.5)
    for layer in plain.layers:
        dropping.get_layer(layer.name).set_weights(layer.get_weights())
    np.testing.assert_array_equal(dropping(IMAGES), plain(IMAGES))
    np.testing.assert_array_equal(dropping(IMAGES, training=False), plain(IMAGES))
    draws = [dropping(IMAGES, training=True).numpy() for _ in range(2)]
    assert np.abs(draws[0] - draws[1]).max() > 1e-3
    assert dropping.get_layer("drop_path_factors").step.numpy() == 2
    assert trainable(dropping) == trainable(plain)


def test_every_edge_but_the_identities_may_be_dropped():
    child = ChildNetwork(MIXED, SMALL, drop_path=0.5)
    drops = [layer for layer in child.layers if isinstance(layer, DropPath)]
    expected = {
        f"cell_{plan.index}_{plan.kind}_{source}_{node}_{operation}_drop_path"
        for plan in SMALL.plan(NODES)
        for source, node, operation in MIXED.connections(plan.kind)
        if not (operation == "skip_connect" and plan.kind == "normal")
    }
    assert {layer.name for layer in drops} == expected
    assert len({layer.path_index for layer in drops}) == len(drops)
    factors = child.get_layer("drop_path_factors")
    assert max(layer.path_index for layer in drops) < factors.num_paths
    assert not any(isinstance(layer, DropPath) for layer in ChildNetwork(MIXED, SMALL).layers)


AUXILIARY = space.Skeleton(num_cells=3, init_channels=2, num_classes=3, image_shape=(32, 32, 2))


def test_the_auxiliary_head_stands_behind_the_second_reduction_cell():
    child = ChildNetwork(MIXED, AUXILIARY, auxiliary=True)
    outputs = child(images_of(AUXILIARY))
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "logits": (5, 3),
        "auxiliary": (5, 3),
    }
    head = child.get_layer("auxiliary")
    assert head.stages[2].kernel.shape[2] == AUXILIARY.plan(NODES)[2].output_channels
    parameters = space.cost(MIXED, AUXILIARY).parameters
    assert trainable(child) == parameters + trainable(head)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_without_auxiliary_answers_the_same(dtype):
    child = randomize(
        ChildNetwork(MIXED, AUXILIARY, auxiliary=True, drop_path=0.3, dtype=dtype, name="mine")
    )
    plain, images = child.without_auxiliary(), images_of(AUXILIARY)
    np.testing.assert_array_equal(plain(images), child(images)["logits"])
    assert (plain.name, plain.auxiliary, plain.drop_path) == ("mine", False, 0.0)
    assert plain.dtype_policy.name == dtype
    assert trainable(plain) == space.cost(MIXED, AUXILIARY).parameters


def test_weights_are_taken_from_a_network_with_other_heads():
    source = randomize(ChildNetwork(MIXED, AUXILIARY))
    target = ChildNetwork(MIXED, AUXILIARY, auxiliary=True, drop_path=0.3)
    head = target.get_layer("auxiliary").get_weights()
    target.take_weights(source)
    images = images_of(AUXILIARY)
    np.testing.assert_array_equal(target(images)["logits"], source(images))
    for left, right in zip(target.get_layer("auxiliary").get_weights(), head, strict=True):
        np.testing.assert_array_equal(left, right)


def test_refreshed_statistics_are_those_of_the_network_itself():
    child, images = randomize(ChildNetwork(MIXED, SMALL)), images_of(SMALL, 64)
    weights = [weight.numpy() for weight in child.trainable_weights]
    expected = child(images, training=True)
    assert np.abs(child(images) - expected).max() > 0.5
    child.refresh_statistics([images])
    for weight, before in zip(child.trainable_weights, weights, strict=True):
        np.testing.assert_array_equal(weight, before)
    # Running variances are unbiased, by one part in 256 where the last cell has 64 * 2 * 2 pixels.
    np.testing.assert_allclose(child(images), expected, rtol=0.02, atol=0.03)


# === An ordinary Keras model ===


def compiled(model, **kwargs):
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **kwargs,
    )
    return model


def test_it_learns_by_itself():
    images, labels = images_of(SMALL, 32), np.arange(32) % 3
    model = compiled(ChildNetwork(MIXED, SMALL, drop_path=0.1))
    assert isinstance(model, keras.Model)
    history = model.fit(images, labels, batch_size=16, epochs=25, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    assert np.isfinite(loss) and accuracy > 0.5
    expected = model(images)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-4)


def test_the_auxiliary_loss_trains_with_it():
    images = images_of(AUXILIARY)
    model = ChildNetwork(MIXED, AUXILIARY, auxiliary=True)
    cross_entropies = {
        name: keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        for name in ("logits", "auxiliary")
    }
    model.compile("sgd", loss=cross_entropies, loss_weights={"logits": 1.0, "auxiliary": 0.4})
    before = model.get_layer("auxiliary").get_weights()
    targets = {"logits": LABELS, "auxiliary": LABELS}
    loss = model.fit(images, targets, verbose=0).history["loss"][0]
    assert np.isfinite(loss)
    changed = [
        (left != right).any()
        for left, right in zip(model.get_layer("auxiliary").get_weights(), before, strict=True)
    ]
    assert all(changed)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_a_fully_empty_genotype_trains_its_bias():
    model = compiled(ChildNetwork(EMPTY, SMALL))
    model.fit(IMAGES, LABELS, verbose=0, epochs=2)
    assert all(np.isfinite(weight).all() for weight in model.weights)
    bias = model.get_layer("classifier").dense.bias
    assert np.abs(bias).max() > 0
    np.testing.assert_allclose(model(IMAGES), np.tile(bias, (5, 1)), rtol=1e-6)


@pytest.mark.parametrize(("dtype", "auxiliary"), [("float32", False), ("mixed_bfloat16", True)])
def test_saves_and_loads(dtype, auxiliary, tmp_path):
    arguments = {"drop_path": 0.3, "drop_path_steps": 4, "seed": 9}
    model = ChildNetwork(
        MIXED, AUXILIARY, auxiliary=auxiliary, dtype=dtype, name="mine", **arguments
    )
    images = images_of(AUXILIARY)
    randomize(model)(images, training=True)
    for generation in range(2):  # what is loaded can be saved again
        model.save(tmp_path / f"{generation}.keras")
        loaded = keras.saving.load_model(tmp_path / f"{generation}.keras")
        assert loaded.get_config() == model.get_config()
        assert loaded.dtype_policy.name == dtype
        expected = tf.nest.flatten(model(images))
        for left, right in zip(tf.nest.flatten(loaded(images)), expected, strict=True):
            assert left.dtype == tf.float32
            np.testing.assert_array_equal(left, right)
        model = loaded
    assert (loaded.genotype, loaded.skeleton, loaded.name) == (MIXED, AUXILIARY, "mine")


def test_a_loaded_network_goes_on_training_as_the_saved_one(tmp_path):
    images, labels = images_of(SMALL, 16), np.arange(16) % 3
    model = compiled(ChildNetwork(MIXED, SMALL, drop_path=0.5, drop_path_steps=3))
    model.fit(images, labels, batch_size=8, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for network in (model, loaded):
        network.fit(images, labels, batch_size=8, shuffle=False, verbose=0, epochs=2)
    for left, right in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("how", ["policy", "dtype"])
def test_mixed_precision(how):
    plain = randomize(ChildNetwork(MIXED, SMALL))
    if how == "policy":
        keras.config.set_dtype_policy("mixed_bfloat16")
    child = ChildNetwork(MIXED, SMALL, **({"dtype": "mixed_bfloat16"} if how == "dtype" else {}))
    child.set_weights(plain.get_weights())
    logits = child(IMAGES)
    assert logits.dtype == tf.float32 and child.output.dtype == "float32"
    assert {weight.dtype for weight in child.weights} == {"float32"}
    assert child.get_layer("cell_0_normal_0_2_sep_conv_3x3").compute_dtype == "bfloat16"
    assert 0 < np.abs(logits - plain(IMAGES)).max() < 0.3
    history = compiled(child).fit(IMAGES, LABELS, verbose=0, epochs=2).history
    assert np.isfinite(history["loss"]).all()


def test_a_dtype_of_its_own_stands_against_the_global_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    child = ChildNetwork(MIXED, AUXILIARY, auxiliary=True, dtype="float32")
    assert {layer.compute_dtype for layer in child.layers[1:]} == {"float32"}


def test_the_batch_may_be_unknown():
    child = randomize(ChildNetwork(SPARSE, SMALL))
    serve = tf.function(child, input_signature=[tf.TensorSpec((None, 8, 8, 2))])
    for count in (1, 4):
        np.testing.assert_allclose(serve(IMAGES[:count]), child(IMAGES[:count]), atol=1e-5)
