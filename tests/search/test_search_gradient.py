# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The search gradient against its closed form, and what its expectation is.

    dL/dlog alpha^k = (1/lambda) Z^k (v^k - sum_l Z^l v^l),   v^k = <dL/dx_j, O^k(x_i)>

On a real network v is found apart from the code under test: every operation runs by itself, and a
tape on the nodes x_j gives dL/dx_j. The numbers of four operations come from a NumPy derivation.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import relaxed_log_sample
from snas_tf.networks.cells.supernet_cell import preprocessed
from snas_tf.search.estimators import Estimator, concrete
from snas_tf.seeds import stateless_seed
from snas_tf.training import optimizers
from tests.search.small_models import CROSS_ENTROPY, as_arrays, build, build_compiled, digits

TWO_NODES = space.CellSpace(num_nodes=2)
TRAINING_STREAM = 0


# === One step on a real network ===


def run_cell(cell, inputs, samples):
    """A cell's plain outputs O^k(x_i), by (edge, operation), and its nodes x_0, x_1, x_2 ..."""
    cells, outputs = cell.cells, {}
    nodes = [
        preprocessed(layer, tensor, True)
        for layer, tensor in zip(cell.preprocessing, inputs, strict=True)
    ]
    for node in cells.nodes:
        for source in (0, 1) if node == 2 else (node - 1,):
            for column, operation in enumerate(cell.sources[source].operations):
                plain = operation(nodes[source], training=True)
                for row, output in zip(cells.edges_from(source), plain, strict=True):
                    outputs[row, column] = output
        arriving = [key for key in outputs if cells.edges[key[0]].node == node]
        nodes.append(tf.add_n([samples[key] * outputs[key] for key in arriving]))
    return outputs, nodes


def run_apart(supernet, images, labels, samples):
    """[(kind, v (edges, ops))] of every cell, and dL/dtheta of every weight."""
    with tf.GradientTape() as tape:
        before, last = supernet.stem(images, training=True)
        runs = []
        for cell in supernet.cell_layers:
            runs.append(run_cell(cell, (before, last), samples[cell.plan.kind]))
            before, last = last, tf.concat(runs[-1][1][2:], axis=-1)
        loss = CROSS_ENTROPY(labels, supernet.classifier(last))
    upstream, weight_gradients = tape.gradient(
        loss,
        ([nodes for _, nodes in runs], [variable.value for variable in supernet.trainable_weights]),
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    shape = (supernet.space.num_edges, supernet.space.num_operations)
    credits = []
    for cell, (outputs, _), gradients in zip(supernet.cell_layers, runs, upstream, strict=True):
        credit = np.zeros(shape)
        for (row, column), output in outputs.items():
            gradient = gradients[supernet.space.edges[row].node]
            credit[row, column] = np.sum(gradient.numpy().astype("float64") * output.numpy())
        credits.append((cell.plan.kind, credit))
    return credits, weight_gradients


def summed_over_cells(credits):
    return {kind: sum(v for other, v in credits if other == kind) for kind in space.KINDS}


def pathwise(samples, credit, temperature=1.0):
    """(1/lambda) Z^k (v^k - sum_l Z^l v^l)."""
    mean = np.sum(samples * credit, axis=-1, keepdims=True)
    return samples * (credit - mean) / temperature


def penalty_gradient(model):
    """p^k (c^k - p.c) of the three costs, the means over cells relative to the uniform's."""
    supernet = model.supernet
    plans = supernet.skeleton.plan(supernet.space.num_nodes)
    tables = {
        kind: table / sum(plan.kind == kind for plan in plans)
        for kind, table in space.edge_costs(supernet.space, supernet.skeleton).items()
    }
    uniform = sum(table.mean(axis=1).sum(axis=0) for table in tables.values())
    return {
        kind: pathwise(probabilities, (tables[kind] / uniform).mean(axis=-1))
        for kind, probabilities in as_arrays(model.architecture.probabilities()).items()
    }


def single_steps(model, **optimizer_arguments):
    """Compiles so that a step changes every variable by minus its gradient."""
    model.compile(
        optimizer=keras.optimizers.SGD(1.0),
        architecture_optimizer=optimizers.SGD(1.0, **optimizer_arguments),
        loss=CROSS_ENTROPY,
    )
    return model


def assert_close(actual, expected, relative):
    scale = np.max(np.abs(expected))
    assert scale > 1e-3
    np.testing.assert_allclose(actual, expected, rtol=0, atol=relative * scale)


@pytest.mark.parametrize("resource_weight", [0.0, 3.0])
@pytest.mark.parametrize("temperature", [1.0, 0.3, 0.1, 0.03])
def test_a_step_moves_logits_and_weights_by_the_closed_form(temperature, resource_weight):
    model = single_steps(
        build(
            TWO_NODES,
            logits=0.3,
            temperature=temperature,
            resource_weight=resource_weight,
            seed=2,
        )
    )
    images, labels = digits(0, 16)
    samples = model.draw(stateless_seed(model.seed, TRAINING_STREAM, model.step))
    credits, weight_gradients = run_apart(model.supernet, images, labels, samples)
    credit, penalty = summed_over_cells(credits), penalty_gradient(model)
    weights = [variable.numpy() for variable in model.supernet.trainable_weights]
    logits = as_arrays(model.architecture.logits)

    model.train_step((images, labels))

    for kind, value in as_arrays(model.architecture.logits).items():
        expected = pathwise(as_arrays(samples)[kind], credit[kind], temperature)
        expected += resource_weight * penalty[kind]
        assert_close(logits[kind] - value, expected, 2e-5)
    for old, variable, gradient in zip(
        weights, model.supernet.trainable_weights, weight_gradients, strict=True
    ):
        np.testing.assert_allclose(old - variable.numpy(), gradient, rtol=1e-5, atol=5e-6)


def test_cells_of_a_kind_add_their_credits():
    model = build(TWO_NODES, temperature=0.5)
    images, labels = digits(0, 16)
    samples = model.draw(tf.constant([1, 2]))
    credits, _ = run_apart(model.supernet, images, labels, samples)
    assert [kind for kind, _ in credits] == ["normal", "reduction", "reduction"]
    model.compile(loss=CROSS_ENTROPY)
    *_, gradients = model.forward_and_backward(images, labels, None, samples)
    for gradient, credit in zip(gradients, summed_over_cells(credits).values(), strict=True):
        assert_close(gradient, credit, 2e-5)
    first, second = (credit for kind, credit in credits if kind == "reduction")
    assert np.abs(first - second).max() > 0.1 * np.abs(first).max()


def test_the_gradient_of_every_edge_sums_to_zero():
    model = single_steps(build(TWO_NODES, temperature=0.3))
    model.train_step(digits(0, 16))
    for logits in model.architecture.logits.values():
        assert np.abs(logits.numpy()).max() > 1e-3
        np.testing.assert_allclose(logits.numpy().sum(axis=-1), 0.0, atol=1e-6)


# === Single-level: one draw, one pass, both groups ===


@pytest.fixture
def recorded():
    """The draws of an estimator that is SNAS's own and keeps what it drew."""
    draws = []

    def estimator(architecture, temperature, seed):
        samples = concrete(architecture, temperature, seed)
        draws.append({kind: value.numpy() for kind, value in samples.items()})
        return samples

    return draws, Estimator("recorded", estimator)


def test_a_step_draws_once_and_every_step_anew(recorded):
    draws, estimator = recorded
    model = build_compiled(estimator=estimator, compile_with={"run_eagerly": True})
    images, labels = digits(0, 24)
    model.fit(images, labels, batch_size=8, verbose=0)
    assert len(draws) == 3
    rows = [row for draw in draws for kind in space.KINDS for row in draw[kind]]
    assert all(row.shape == (4,) for row in rows)  # no batch axis: one Z for the whole batch
    assert len({row.tobytes() for row in rows}) == len(rows) == 3 * 2 * 2


def test_a_rate_of_zero_leaves_a_group_bit_identical():
    images, labels = digits(0, 8)
    for frozen in ("logits", "weights"):
        rates = {"logits": 0.1, "weights": 0.1, frozen: 0.0}
        model = build(logits=1.0)
        model.compile(
            optimizer=keras.optimizers.SGD(rates["weights"], momentum=0.9),
            architecture_optimizer=keras.optimizers.SGD(rates["logits"]),
            loss=CROSS_ENTROPY,
        )
        groups = {
            "logits": model.architecture.trainable_weights,
            "weights": model.supernet.trainable_weights,
        }
        before = {name: [w.numpy() for w in group] for name, group in groups.items()}
        model.train_step((images, labels))
        for name, group in groups.items():
            same = [np.array_equal(old, new) for old, new in zip(before[name], group, strict=True)]
            assert all(same) if name == frozen else not any(same), name


@pytest.mark.parametrize(("weights_l2", "logits_l2"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5)])
def test_weight_decay_acts_only_where_it_is_configured(weights_l2, logits_l2):
    images, labels = digits(0, 8)
    model = build(logits=1.0)
    model.compile(
        optimizer=optimizers.SGD(1.0, l2=weights_l2),
        architecture_optimizer=optimizers.SGD(1.0, l2=logits_l2),
        loss=CROSS_ENTROPY,
    )
    samples = model.draw(stateless_seed(model.seed, TRAINING_STREAM, model.step))
    _, _, weight_gradients, credits = model.forward_and_backward(images, labels, None, samples)
    weights = [variable.numpy() for variable in model.supernet.trainable_weights]
    logits = [value.numpy() for value in model.architecture.logits.values()]
    model.train_step((images, labels))
    for old, new, gradient in zip(
        weights, model.supernet.trainable_weights, weight_gradients, strict=True
    ):
        expected = gradient + weights_l2 * old
        np.testing.assert_allclose(old - new, expected, rtol=1e-4, atol=1e-5)
    for old, new, z, credit in zip(
        logits, model.architecture.logits.values(), samples.values(), credits, strict=True
    ):
        expected = pathwise(z.numpy(), credit.numpy()) + logits_l2 * old
        np.testing.assert_allclose(old - new, expected, rtol=1e-4, atol=1e-5)


def test_none_on_every_edge_gives_zero_gradients_and_trains_on():
    model = build_compiled()
    images, labels = digits(0, 8)
    nothing = {kind: tf.one_hot([0] * model.supernet.space.num_edges, 4) for kind in space.KINDS}
    loss, _, weight_gradients, _ = model.forward_and_backward(images, labels, None, nothing)
    assert np.isfinite(loss)
    for variable, gradient in zip(model.supernet.trainable_weights, weight_gradients, strict=True):
        used = variable.path.endswith("dense/bias")  # all that is left of the network
        assert (np.abs(gradient).max() > 0) == used, variable.path
    for logits in model.architecture.logits.values():
        logits.assign(100.0 * nothing["normal"])
    history = model.train_step((images, labels))
    assert np.isfinite(history["loss"])
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


# === What the expectation of the gradient is: four operations on one edge ===

LOGITS = np.array([0.3, -0.5, 1.0, 0.1], "float32")
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum()
OUTPUTS = np.array([1.0, 2.0, -1.0, 0.5], "float32")
LOSSES = {"linear": lambda x: x, "square": lambda x: x**2}
EXACT = {
    "linear": [0.2175, 0.2027, -0.5026, 0.0825],
    "square": [-0.0400, 0.2968, -0.0806, -0.1762],
}
DRAWS = 2_000_000
every_loss = pytest.mark.parametrize("loss", LOSSES)


def pathwise_gradients(loss, temperature):
    """(draws, 4): the gradient of every draw of Z; the noise is the same at every temperature."""
    logits = tf.broadcast_to(LOGITS, (DRAWS, 4))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        samples = tf.exp(relaxed_log_sample(logits, temperature, tf.constant([1, 2])))
        total = tf.reduce_sum(LOSSES[loss](tf.reduce_sum(samples * OUTPUTS, axis=-1)))
    return tape.gradient(total, logits).numpy()


def exact_gradient(loss):
    """sum_k grad p_k L(e_k)."""
    return pathwise(PROBABILITIES, LOSSES[loss](OUTPUTS))


def policy_gradient(loss):
    """E[grad log p(Z) <dL/dx, Otilde>] with x = Otilde = w.Z, over one-hot Z, exactly."""
    slope = {"linear": np.ones(4), "square": 2 * OUTPUTS}[loss]
    rewards = slope * OUTPUTS
    scores = np.eye(4) - PROBABILITIES
    return np.sum(PROBABILITIES[:, None] * scores * rewards[:, None], axis=0)


@every_loss
def test_exact_gradient_is_the_known_one(loss):
    np.testing.assert_allclose(exact_gradient(loss), EXACT[loss], atol=1e-4)


@every_loss
def test_pathwise_gradient_converges_to_the_exact_one(loss):
    errors = {
        temperature: np.abs(
            pathwise_gradients(loss, temperature).mean(axis=0, dtype="float64") - EXACT[loss]
        ).max()
        for temperature in (1.0, 0.3, 0.1, 0.03)
    }
    assert errors[1.0] > 0.1  # biased while the temperature is high
    assert errors[1.0] > errors[0.3] > errors[0.1]
    assert errors[0.03] < {"linear": 0.005, "square": 0.012}[loss]


@pytest.mark.parametrize(
    ("loss", "temperature", "known"),
    [
        ("linear", 1.0, [0.1286, 0.1767, -0.3419, 0.0367]),
        ("linear", 0.1, [0.2158, 0.2017, -0.4982, 0.0807]),
        ("square", 0.03, [-0.0370, 0.2864, -0.0788, -0.1706]),
    ],
)
def test_pathwise_gradient_has_the_known_mean(loss, temperature, known):
    gradients = pathwise_gradients(loss, temperature)
    error = gradients.std(axis=0) / np.sqrt(DRAWS)
    np.testing.assert_array_less(np.abs(gradients.mean(axis=0) - known), 6 * error + 1e-4)


def test_policy_gradient_with_an_edges_credit_is_exact_where_the_loss_is_linear():
    np.testing.assert_allclose(policy_gradient("linear"), exact_gradient("linear"), atol=1e-6)


def test_policy_gradient_of_a_square_is_twice_the_exact_one():
    """The credit is a first-order share of the loss: <dL/dx, x> = 2 L where L = x^2."""
    np.testing.assert_allclose(policy_gradient("square"), 2 * exact_gradient("square"), atol=1e-6)


def test_noise_of_the_gradient_grows_as_the_temperature_falls():
    """In proportion to lambda^-1/2."""
    warm, cold = (pathwise_gradients("linear", t).std(axis=0) for t in (0.1, 0.03))
    np.testing.assert_allclose(cold / warm, (0.1 / 0.03) ** 0.5, rtol=0.07)


@pytest.mark.parametrize(
    ("temperature", "sample", "gradient"),
    [
        (
            1.0,
            [0.213838220366, 0.236327782322, 0.261182592155, 0.288651405157],
            [0.056083741963, -0.647001226371, -0.062090458957, 0.653007943365],
        ),
        (
            0.5,
            [0.180657171876, 0.220655168011, 0.269508830811, 0.329178829301],
            [0.049992269474, -1.262870312245, -0.194929128518, 1.407807171288],
        ),
        (
            0.1,
            [0.03205860328, 0.087144318742, 0.23688281809, 0.643914259888],
            [-0.291077420358, -3.405560024694, -3.335201478605, 7.031838923657],
        ),
        (
            0.03,
            [4.378040387677e-5, 1.227235859205e-3, 3.440141526233e-2, 0.9643275684746],
            [-2.784102008763e-3, -0.2007664890982, -2.761026308597, 2.964576899704],
        ),
    ],
)
def test_sample_and_gradient_at_known_noise(temperature, sample, gradient):
    seed = tf.constant([5, 6])
    # At temperature 1 and logits 0 a draw is the noise itself, up to a constant.
    noise = relaxed_log_sample(tf.zeros(4), 1.0, seed)
    logits = LOGITS + tf.constant([0.2, 1.1, -0.3, 0.7]) - noise
    with tf.GradientTape() as tape:
        tape.watch(logits)
        drawn = tf.exp(relaxed_log_sample(logits, temperature, seed))
        loss = tf.reduce_sum(drawn * [1.0, -2.0, 0.5, 3.0])
    np.testing.assert_allclose(drawn, sample, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(tape.gradient(loss, logits), gradient, rtol=1e-4, atol=1e-5)


# === The same on a real network: one edge into the last node of the last cell ===


def compare_credit_with_the_exact_gradient(loss, others):
    """Policy gradient with the edge's credit and exact gradient, by enumerating one edge's Z."""
    cells = space.CellSpace(num_nodes=1)
    skeleton = space.Skeleton(num_cells=1, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
    model = build(cells, skeleton)
    model.compile(loss=loss)
    images, labels = digits(0, 16)
    probabilities = keras.ops.softmax(keras.random.normal((8,), seed=3)).numpy()
    rewards, losses = np.zeros(8), np.zeros(8)
    for choice in range(8):
        rows = tf.one_hot([choice, others], 8)
        samples = {kind: rows for kind in space.KINDS}
        value, _, _, credits = model.forward_and_backward(images, labels, None, samples)
        rewards[choice] = credits[1][0, choice]
        losses[choice] = value
    return pathwise(probabilities, rewards), pathwise(probabilities, losses)


def linear_loss(labels, logits):
    """Minus the label's logit; the sum of all logits would vanish behind batch normalisation."""
    return -tf.gather(logits, tf.cast(labels, tf.int32), batch_dims=1)


def square_loss(labels, logits):
    return linear_loss(labels, logits) ** 2


def test_credit_of_a_real_edge_is_exact_for_a_linear_loss():
    credit, exact = compare_credit_with_the_exact_gradient(linear_loss, others=4)
    assert_close(credit, exact, 1e-5)


def test_credit_of_a_real_edge_is_twice_the_exact_gradient_of_a_square():
    none = space.PRIMITIVES.index("none")  # leaves the edge alone, so that the loss is a square
    credit, exact = compare_credit_with_the_exact_gradient(square_loss, others=none)
    assert_close(credit, 2 * exact, 1e-5)


def test_credit_of_a_real_edge_is_not_exact_for_cross_entropy():
    credit, exact = compare_credit_with_the_exact_gradient(CROSS_ENTROPY, others=4)
    assert np.abs(credit - exact).max() > 0.05 * np.abs(exact).max()
