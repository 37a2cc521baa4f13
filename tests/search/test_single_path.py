# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search whose steps run one operation an edge: what a step is, and that it is a Keras model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.search.estimators import ESTIMATORS
from snas_tf.seeds import stateless_seed
from tests.search.small_models import (
    CROSS_ENTROPY,
    SKELETON,
    TINY,
    as_arrays,
    batches_of,
    build,
    build_compiled,
    digits,
    state,
)

pytestmark = pytest.mark.slow

ALL = space.CellSpace(2)
every_estimator = pytest.mark.parametrize(
    "estimator", sorted(name for name, record in ESTIMATORS.items() if record.one_hot)
)
ANNEALED = keras.optimizers.schedules.PolynomialDecay(1.0, 5, 0.03)


def constants(samples):
    return {kind: tf.constant(value.numpy()) for kind, value in samples.items()}


def fit(model, start=0, stop=48, **kwargs):
    images, labels = digits(start, stop)
    arguments = {"batch_size": 16, "shuffle": False, "verbose": 0, **kwargs}
    return model.fit(images, labels, **arguments).history


# === A step is that of the child network ===


def pairs(supernet, child):
    """[(supernet's weight, row or None, child's weight)]: what the two networks have in common."""
    found = []
    layers = [(supernet.stem, child.get_layer("stem"), None)]
    layers.append((supernet.classifier, child.get_layer("classifier"), None))
    for cell in supernet.cell_layers:
        prefix = f"cell_{cell.plan.index}_{cell.plan.kind}"
        for number, layer in enumerate(cell.preprocessing):
            layers.append((layer, child.get_layer(f"{prefix}_preprocess_{number}"), None))
        for connection in child.genotype.connections(cell.plan.kind):
            operation, edge = cell.edge_operation(connection)
            name = f"{connection.source}_{connection.node}_{connection.operation}"
            layers.append((operation, child.get_layer(f"{prefix}_{name}"), edge))
    for theirs, own, edge in layers:
        by_name = {w.path.removeprefix(f"{own.path}/"): w for w in own.weights}
        for weight in theirs.weights:
            row = edge if weight.shape[0] > 1 else 0
            twin = by_name[weight.path.removeprefix(f"{theirs.path}/")]
            found.append((weight, None if edge is None else row, twin))
    return found


def test_a_step_is_that_of_the_chosen_child():
    """Its loss; the gradients of its weights and, exactly, of no other; its running statistics."""
    model = build(ALL, SKELETON, estimator="straight_through", logits=1.0)
    model.compile(loss=CROSS_ENTROPY)
    supernet, (images, labels) = model.supernet, digits(0, 16)
    samples = constants(model.draw(tf.constant([1, 2])))
    child = supernet.child(ALL.decode({k: v.numpy() for k, v in samples.items()}))
    start = {weight.path: weight.numpy() for weight in supernet.weights}

    with tf.GradientTape() as tape:
        expected = CROSS_ENTROPY(labels, child(images, training=True))
    slopes = tape.gradient(expected, [weight.value for weight in child.trainable_variables])
    of_child = dict(zip((w.path for w in child.trainable_variables), slopes, strict=True))
    loss, _, of_weights, _ = model.forward_and_backward(images, labels, None, samples)
    of_supernet = dict(zip((w.path for w in supernet.trainable_variables), of_weights, strict=True))

    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    untouched = {
        path: np.ones(len(value) if "/source_" in path else 1, bool)
        for path, value in start.items()
    }
    scale = max(np.abs(slope).max() for slope in of_weights)
    for weight, row, twin in pairs(supernet, child):
        part = slice(None) if row is None else slice(row, row + 1)
        untouched[weight.path][part] = False
        if weight.path in of_supernet:
            found = of_supernet[weight.path][part].numpy()
            np.testing.assert_allclose(found, of_child[twin.path], atol=1e-4 * scale)
        else:
            np.testing.assert_allclose(weight.numpy()[part], twin, rtol=1e-4, atol=1e-5)
            assert not np.array_equal(weight.numpy()[part], start[weight.path][part])
    assert sum(map(np.sum, untouched.values())) > 100
    for weight in supernet.weights:
        alone = untouched[weight.path]
        if not alone.any():
            continue
        np.testing.assert_array_equal(weight.numpy()[alone], start[weight.path][alone])
        if weight.path in of_supernet:
            assert not np.any(of_supernet[weight.path].numpy()[alone]), weight.path


@every_estimator
def test_a_training_step_moves_the_logits_by_the_estimators_gradient(estimator):
    model = build(estimator=estimator, logits=0.5, temperature=0.4, seed=3)
    sgd = {
        "optimizer": keras.optimizers.SGD(0.0),
        "architecture_optimizer": keras.optimizers.SGD(1.0),
    }
    model.compile(loss=CROSS_ENTROPY, **sgd)
    images, labels = digits(0, 16)
    with tf.GradientTape() as tape:
        samples = model.draw(stateless_seed(model.seed, 0, model.step))
    logits = [variable.value for variable in model.architecture.trainable_variables]
    _, _, _, credits = model.forward_and_backward(images, labels, None, constants(samples))
    expected = tape.gradient(list(samples.values()), logits, output_gradients=credits)
    before = as_arrays(model.architecture.logits)
    model.train_on_batch(images, labels)
    for (kind, after), slope in zip(
        as_arrays(model.architecture.logits).items(), expected, strict=True
    ):
        assert np.abs(slope).max() > 1e-3
        np.testing.assert_allclose(before[kind] - after, slope, atol=1e-5)


# === It is a Keras model ===


def test_a_search_repeats_to_the_bit_and_goes_on_where_it_was_left(tmp_path):
    """Three steps in a call, the last batch uneven, validation; saved between two epochs."""
    settings = {
        "estimator": "straight_through",
        "temperature": ANNEALED,
        "resource_weight": 0.1,
        **TINY,
    }
    steps = {"compile_with": {"steps_per_execution": 3}}
    validation = {"validation_data": digits(60, 90)}
    whole, stopped = (build_compiled(logits=0.5, **settings, **steps) for _ in range(2))
    fit(whole, stop=60, epochs=2, **validation)
    fit(stopped, stop=60, **validation)
    stopped.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    assert loaded.get_config() == stopped.get_config() and loaded.single_path
    history = fit(loaded, stop=60, **validation)
    for left, right in zip(state(loaded), state(whole), strict=True):
        np.testing.assert_array_equal(left, right)
    for name, values in whole.history.history.items():
        assert history[name] == values[1:], name


def test_rematerialised_cells_compute_the_same():
    losses, states = [], []
    for rematerialize in (False, True):
        model = build_compiled(
            estimator="straight_through",
            logits=0.5,
            network={"rematerialize": rematerialize},
            **TINY,
        )
        losses.append(fit(model)["loss"])
        states.append(state(model))
    np.testing.assert_allclose(*losses, rtol=1e-5)
    for left, right in zip(*states, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)


def test_bfloat16_and_xla():
    settings = {"estimator": "score_function", "logits": 0.5, **TINY}
    model = build_compiled(**settings)
    start = model.get_weights()
    loss = fit(model)["loss"]
    model.set_weights(start)
    sgd = keras.optimizers.SGD(0.05, momentum=0.9)
    adam = keras.optimizers.Adam(0.02, beta_1=0.5)
    model.compile(sgd, CROSS_ENTROPY, architecture_optimizer=adam, jit_compile=True)
    np.testing.assert_allclose(fit(model)["loss"], loss, rtol=1e-4)
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build_compiled(**settings)
    np.testing.assert_allclose(fit(model)["loss"], loss, rtol=0.02)
    assert model.supernet.compute_dtype == "bfloat16"


def test_an_evaluation_runs_the_mode_or_samples_with_the_chosen_operations():
    model = build_compiled(estimator="score_function", logits=1.0, **TINY)
    fit(model)
    images, labels = digits(0, 32)
    expected = model.supernet(images, model.architecture.mode()).numpy()
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, rtol=1e-4, atol=1e-5)
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    np.testing.assert_allclose(loss, CROSS_ENTROPY(labels, expected), rtol=1e-5)
    assert accuracy == pytest.approx(np.mean(expected.argmax(-1) == labels))
    sampled = model.evaluate(images, labels, sampled=True, verbose=0)
    assert sampled[0] != loss and np.isfinite(sampled[0])


# === Several replicas ===


def test_replicas_that_choose_otherwise_take_the_mean(two_replicas):
    """In a graph, where nothing is written within a branch, and each replica has its own Z."""
    settings = {"estimator": "score_function", "logits": 0.5, "seed": 2, **TINY}
    rates = {"optimizer": 0.5, "architecture_optimizer": 2.0}
    with two_replicas.scope():
        sgd = {name: keras.optimizers.SGD(rate) for name, rate in rates.items()}
        model = build_compiled(compile_with=sgd, **settings)
    alone = build_compiled(**settings)
    alone.set_weights(model.get_weights())
    start, (images, labels) = alone.get_weights(), digits(0, 24)
    drawn = two_replicas.run(lambda: model.draw(stateless_seed(model.seed, 0, model.step)))
    results = []
    for number in (0, 1):
        samples = {
            kind: two_replicas.experimental_local_results(value)[number]
            for kind, value in drawn.items()
        }
        alone.set_weights(start)
        half = slice(12 * number, 12 * number + 12)
        _, _, of_weights, credits = alone.forward_and_backward(
            images[half], labels[half], None, samples
        )
        of_logits = [
            (z - p) * tf.reduce_sum(z * credit, axis=-1, keepdims=True)
            for z, p, credit in zip(
                samples.values(), alone.architecture.probabilities().values(), credits, strict=True
            )
        ]
        statistics = [value.numpy() for value in alone.supernet.non_trainable_variables]
        results.append((samples, of_weights, of_logits, statistics))
    (first, *one), (second, *other) = results
    assert any(np.any(first[kind] != second[kind]) for kind in first)
    of_weights, of_logits, statistics = (
        [(a + b) / 2 for a, b in zip(*groups, strict=True)]
        for groups in zip(one, other, strict=True)
    )
    weights = [variable.numpy() for variable in model.supernet.trainable_variables]
    logits = [variable.numpy() for variable in model.architecture.trainable_variables]

    model.fit(batches_of(24, images, labels), verbose=0)

    for variable, old, slope in zip(
        model.supernet.trainable_variables, weights, of_weights, strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), old - 0.5 * slope, atol=2e-6)
    for variable, old, slope in zip(
        model.architecture.trainable_variables, logits, of_logits, strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), old - 2.0 * slope, atol=2e-6)
    for variable, value in zip(model.supernet.non_trainable_variables, statistics, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=2e-6, err_msg=variable.path)
        for copy in two_replicas.experimental_local_results(variable.value):
            np.testing.assert_array_equal(copy, variable.numpy())


def test_every_replica_runs_on_its_own_device(two_replicas):
    with two_replicas.scope():
        model = build(estimator="score_function", **TINY)
    samples = model.architecture.mode()

    @tf.function(autograph=False)
    def run(images):
        network = lambda some: model.supernet(some, samples, one_hot=True)  # noqa: E731
        return two_replicas.run(network, args=(images,))

    graph = run.get_concrete_function(tf.zeros((2, 8, 8, 1))).graph.as_graph_def()
    edges = [node.device for node in graph.node if node.op == "PartitionedCall"]
    assert len(edges) == 4 and len(set(edges)) == 2
    within = {node.device for function in graph.library.function for node in function.node_def}
    assert within == {""}  # wherever the edge runs
