# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`Snas` as an ordinary Keras model: what it reports, how it runs, what it saves."""

import csv
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ResourceCost, Snas, space
from snas_tf.search import callbacks
from snas_tf.search.estimators import Estimator, concrete
from snas_tf.seeds import stateless_seed
from snas_tf.training import optimizers
from tests.search.small_models import (
    CELLS,
    CROSS_ENTROPY,
    SKELETON,
    TINY,
    as_arrays,
    build,
    build_compiled,
    digits,
    latency_table,
    state,
)

EAGER = {"run_eagerly": True}
BATCH = 16
EXAMPLES = 4 * BATCH - 4  # the last batch is incomplete
ANNEALED = keras.optimizers.schedules.PolynomialDecay(1.0, 3, 0.03)


of_one_cell = functools.partial(build_compiled, **TINY)
"""Where it does not matter what is searched."""


def fit(model, start=0, stop=EXAMPLES, **arguments):
    images, labels = digits(start, stop)
    settings = {"batch_size": BATCH, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(images, labels, **settings).history


def run(compile_with, **arguments):
    """One epoch of four steps; {name: value} of the history and the state after it."""
    model = of_one_cell(compile_with=compile_with, temperature=ANNEALED, **arguments)
    history = fit(model)
    return {name: values[0] for name, values in history.items()}, state(model)


def assert_same_bits(left, right):
    assert len(left) == len(right)
    assert all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.fixture(scope="module")
def in_a_graph():
    return run({})


@pytest.fixture(scope="module")
def eagerly():
    return run(EAGER)


# === Ways to run ===


@pytest.mark.slow
def test_same_seed_same_bits(in_a_graph):
    history, numbers = run({})
    assert history == in_a_graph[0]
    assert_same_bits(numbers, in_a_graph[1])


@pytest.mark.slow
def test_another_seed_draws_other_architectures(eagerly):
    _, numbers = run(EAGER, seed=1)
    assert not all(np.array_equal(a, b) for a, b in zip(numbers, eagerly[1], strict=True))


def assert_close(left, right, tolerance):
    assert left[0].keys() == right[0].keys()
    for name, value in left[0].items():
        np.testing.assert_allclose(value, right[0][name], rtol=tolerance, err_msg=name)
    for a, b in zip(left[1], right[1], strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


def test_eager_steps_give_the_same_result(eagerly, in_a_graph):
    assert_close(eagerly, in_a_graph, 1e-5)


@pytest.mark.slow
def test_several_steps_per_execution_give_the_same_result(in_a_graph):
    assert_close(run({"steps_per_execution": 3}), in_a_graph, 1e-5)


@pytest.mark.slow
def test_xla_gives_the_same_result(in_a_graph):
    # Without max pooling: where pixels are nearly equal, rounding decides who gets the gradient.
    assert_close(run({"jit_compile": True}), in_a_graph, 1e-4)


@pytest.mark.slow
def test_bfloat16_trains_and_keeps_the_architecture_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build_compiled(compile_with=EAGER, temperature=0.03)
    assert model.supernet.compute_dtype == "bfloat16"
    assert np.isfinite(fit(model)["loss"]).all()
    assert model.step.numpy() == 4
    for variable in (*model.weights, *model.optimizer.variables):
        assert variable.dtype in ("float32", "int64"), variable.path
        assert np.isfinite(variable.numpy()).all()
    for logits in model.architecture.logits.values():
        assert np.abs(logits.numpy()).max() > 0
    samples = model.draw(tf.constant([1, 2]))
    assert {value.dtype for value in samples.values()} == {tf.float32}
    assert model.predict(digits(0, 4)[0], verbose=0).dtype == np.float32


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["mixed_float16", "float16"])
def test_float16_is_refused(policy):
    keras.config.set_dtype_policy(policy)
    with pytest.raises(ValueError, match="bfloat16"):
        build_compiled()


def test_a_later_float16_policy_does_not_scale_the_gradients():
    model = build()
    keras.config.set_dtype_policy("mixed_float16")
    late = Snas(model.supernet, model.architecture)
    late.compile(loss=CROSS_ENTROPY)
    assert not isinstance(late.optimizer, keras.optimizers.LossScaleOptimizer)


@pytest.mark.slow
def test_learns_the_digits():
    # A cell of one node without `none` cannot lose both of its edges.
    cells = space.CellSpace(1, ("skip_connect", "sep_conv_3x3"))
    annealed = keras.optimizers.schedules.PolynomialDecay(1.0, 10 * 40, 0.03)
    model = build_compiled(cells, temperature=annealed)
    validation = digits(1280, 1797)
    history = fit(model, 0, 1280, batch_size=32, epochs=10, validation_data=validation)
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert history["accuracy"][-1] > 0.95
    assert history["val_accuracy"][-1] > 0.8
    assert history["entropy_normal"][-1] < history["entropy_normal"][0]


# === What it reports ===


@pytest.mark.slow
def test_reports_loss_metrics_and_the_state_of_the_search():
    model = build_compiled(logits=1.0, compile_with=EAGER, resource_weight=0.5, temperature=0.7)
    images, labels = digits(0, 8)
    penalty = float(model.resource_cost.penalty(model.architecture.probabilities()))
    reported = model.train_on_batch(images, labels, return_dict=True)

    twin = build_compiled(logits=1.0, compile_with=EAGER, temperature=0.7)
    plain = twin.train_on_batch(images, labels, return_dict=True)
    np.testing.assert_allclose(reported["resource_cost"], penalty, rtol=5e-2)  # after the step
    assert reported["loss"] == plain["loss"]  # as `val_loss`, without the penalty
    assert reported["accuracy"] == plain["accuracy"]

    assert reported.keys() == {
        "loss",
        "accuracy",
        "temperature",
        "entropy_normal",
        "entropy_reduction",
        "expected_parameters",
        "expected_multiply_adds",
        "resource_cost",
    }
    tables = space.edge_costs(CELLS, SKELETON)
    expected = np.zeros(3)
    for kind, probabilities in as_arrays(model.architecture.probabilities()).items():
        entropy = -np.sum(probabilities * np.log(probabilities))
        np.testing.assert_allclose(reported[f"entropy_{kind}"], entropy, rtol=1e-5)
        expected += np.einsum("eo,eoc->c", probabilities, tables[kind])
    assert reported["temperature"] == np.float32(0.7)
    np.testing.assert_allclose(reported["expected_parameters"], expected[0], rtol=1e-5)
    np.testing.assert_allclose(reported["expected_multiply_adds"], expected[1], rtol=1e-5)


@pytest.mark.slow
def test_loss_and_accuracy_are_those_of_the_draw():
    seen = {}
    model = build()
    images, labels = digits(0, 8)

    class Spy(keras.losses.Loss):
        def call(self, labels, logits):
            seen["logits"] = logits.numpy()
            return CROSS_ENTROPY.call(labels, logits)

    model.compile(loss=Spy(), metrics=["accuracy"], run_eagerly=True)
    reported = model.train_on_batch(images, labels, return_dict=True)
    logits = seen["logits"]
    log_likelihood = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = -log_likelihood[np.arange(8), labels].mean()
    np.testing.assert_allclose(reported["loss"], expected, rtol=1e-5)
    assert reported["accuracy"] == np.mean(logits.argmax(axis=-1) == labels)


@pytest.mark.slow
def test_temperature_follows_the_schedule_of_the_saved_step():
    drawn_at = []

    def estimator(architecture, temperature, seed):
        drawn_at.append(float(temperature))
        return concrete(architecture, temperature, seed)

    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 3, 0.03)
    model = of_one_cell(
        compile_with=EAGER, estimator=Estimator("recorded", estimator), temperature=schedule
    )
    images, labels = digits(0, 4)
    reported = [
        model.train_on_batch(images, labels, return_dict=True)["temperature"] for _ in range(4)
    ]
    expected = [float(schedule(step)) for step in range(4)]
    assert drawn_at == expected
    assert [float(value) for value in reported] == expected
    assert expected[0] == 1.0
    assert np.float32(expected[3]) == np.float32(0.03)
    assert model.step.numpy() == 4
    assert model.temperature.numpy() == np.float32(0.03)  # and stays there


@pytest.mark.slow
def test_sample_weights_weigh_the_examples():
    images, labels = digits(0, 8)
    weights = np.array([2.0, 0.0, 1.0, 0.0, 3.0, 0.5, 1.0, 0.0], "float32")

    def step(sample_weight, loss):
        model = of_one_cell(compile_with={"loss": loss, "architecture_optimizer": "sgd"})
        model.train_step((images, labels, sample_weight))
        return model.get_metrics_result()["loss"].numpy(), state(model)

    def weighted(labels, logits):
        losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return losses * weights

    loss, numbers = step(tf.constant(weights), CROSS_ENTROPY)
    expected_loss, expected = step(None, weighted)
    unweighted_loss, _ = step(None, CROSS_ENTROPY)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-6)
    assert abs(loss - unweighted_loss) > 1e-3
    for left, right in zip(numbers, expected, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "metrics", "one_hot"),
    [
        (keras.losses.CategoricalCrossentropy(from_logits=True), ["accuracy"], True),
        ("mean_squared_error", ["mae", keras.metrics.TopKCategoricalAccuracy(3)], True),
        (CROSS_ENTROPY, [keras.metrics.SparseCategoricalAccuracy(name="right")], False),
        (CROSS_ENTROPY, None, False),
    ],
)
def test_takes_any_loss_and_metrics(loss, metrics, one_hot):
    model = of_one_cell(compile_with={**EAGER, "loss": loss, "metrics": metrics})
    images, labels = digits(0, 12)
    labels = keras.utils.to_categorical(labels, 10) if one_hot else labels
    history = model.fit(
        images, labels, batch_size=8, verbose=0, validation_data=(images, labels)
    ).history
    evaluated = model.evaluate(images, labels, verbose=0, return_dict=True)
    assert len(evaluated) == 1 + len(metrics or [])
    for name, value in evaluated.items():
        assert np.isfinite(value)
        np.testing.assert_allclose(history[f"val_{name}"][-1], value, rtol=1e-5)
    assert np.isfinite(history["loss"][-1])


@pytest.mark.slow
def test_what_cannot_be_saved_can_still_be_trained():
    class Constant(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    model = of_one_cell(compile_with={**EAGER, "optimizer": keras.optimizers.SGD(Constant())})
    assert np.isfinite(fit(model, 0, BATCH)["loss"][0])
    with pytest.raises(NotImplementedError):
        model.get_compile_config()


@pytest.mark.slow
def test_callbacks_change_and_log_the_learning_rate_of_the_weights_alone(tmp_path):
    model = of_one_cell(compile_with=EAGER)
    moved = [
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
        keras.callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1, min_delta=1e9),
        keras.callbacks.TensorBoard(tmp_path, write_graph=False),
    ]
    history = fit(model, 0, 4, epochs=2, callbacks=moved)
    # Halved before each epoch; the plateau is seen after the second one.
    np.testing.assert_allclose(history["learning_rate"], [0.025, 0.0125], rtol=1e-6)
    np.testing.assert_allclose(model.optimizer.learning_rate, 0.00125, rtol=1e-6)
    assert "learning_rate_adam" not in history
    np.testing.assert_allclose(model.optimizer.logits_optimizer.learning_rate, 0.02, rtol=1e-6)
    model.optimizer.learning_rate = 0.5
    assert float(model.optimizer.weights_optimizer.learning_rate) == 0.5


@pytest.mark.slow
def test_csv_logger_writes_what_the_history_holds(tmp_path):
    model = of_one_cell(compile_with=EAGER, temperature=ANNEALED)
    logger = keras.callbacks.CSVLogger(tmp_path / "search.csv")
    history = fit(model, 0, 8, epochs=2, callbacks=[logger], validation_data=digits(8, 12))
    with open(tmp_path / "search.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0].keys() == {"epoch", *history}
    assert {"temperature", "entropy_reduction", "val_accuracy"} < history.keys()
    for name, values in history.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], values, rtol=1e-6)


# === Evaluation ===


@pytest.mark.slow
def test_predicts_and_evaluates_the_mode():
    model = build_compiled(logits=1.0, compile_with=EAGER)
    fit(model, 0, 32)
    images, labels = digits(32, 52)
    predictions = model.predict(images, verbose=0, batch_size=8)
    mode = model.supernet(images, model.architecture.mode(), training=False)
    np.testing.assert_allclose(predictions, mode, atol=1e-5)
    child = model.child()
    assert child.genotype == model.architecture.genotype()
    np.testing.assert_allclose(predictions, child.predict(images, verbose=0), atol=1e-5)
    evaluated = model.evaluate(images, labels, verbose=0, batch_size=8, return_dict=True)
    np.testing.assert_allclose(evaluated["loss"], CROSS_ENTROPY(labels, mode), rtol=1e-5)
    np.testing.assert_allclose(evaluated["accuracy"], np.mean(np.argmax(mode, -1) == labels))
    assert evaluated.keys() == {"loss", "accuracy"}


@pytest.mark.slow
def test_sampled_evaluation_is_apart_from_that_of_the_mode():
    model = of_one_cell(logits=1.0)
    images, labels = digits(0, 40)

    def evaluate(**arguments):
        return model.evaluate(images, labels, batch_size=BATCH, verbose=0, **arguments)

    mode, sampled = evaluate(), evaluate(sampled=True)
    assert sampled != mode
    assert [evaluate(), evaluate(sampled=True), evaluate()] == [mode, sampled, mode]
    with pytest.raises(ValueError, match="not recognized"):
        evaluate(sampled=True, unknown=True)
    assert evaluate() == mode


@pytest.mark.slow
def test_every_batch_of_a_sampled_evaluation_draws_anew():
    drawn = []

    def estimator(architecture, temperature, seed):
        drawn.append(concrete(architecture, temperature, seed)["normal"].numpy().tobytes())
        return concrete(architecture, temperature, seed)

    model = of_one_cell(compile_with=EAGER, estimator=Estimator("recorded", estimator))
    images, labels = digits(0, 12)
    model.evaluate(images, labels, batch_size=4, verbose=0, sampled=True)
    assert len(set(drawn)) == 3
    model.step.assign_add(1)
    model.evaluate(images, labels, batch_size=4, verbose=0, sampled=True)
    assert len(set(drawn)) == 6
    fit(model, 0, 4)
    assert len(set(drawn)) == 7  # training draws from a stream of its own


@pytest.mark.slow
def test_evaluation_does_not_disturb_training(eagerly):
    model = of_one_cell(compile_with=EAGER, temperature=ANNEALED)
    fit(model, 0, 3 * BATCH)
    model.evaluate(*digits(0, 20), batch_size=8, verbose=0, sampled=True)
    model.predict(digits(0, 4)[0], verbose=0)
    fit(model, 3 * BATCH)
    model.evaluation_batch.assign(0)
    assert_same_bits(state(model), eagerly[1])


@pytest.mark.slow
def test_callback_evaluates_samples_beside_the_mode(eagerly):
    model = of_one_cell(compile_with=EAGER, temperature=ANNEALED)
    images, labels = digits(0, 20)
    validation = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    history = fit(
        model, validation_data=validation, callbacks=[callbacks.EvaluateSamples(validation)]
    )
    mode = model.evaluate(validation, verbose=0, return_dict=True)
    sampled = model.evaluate(validation, verbose=0, return_dict=True, sampled=True)
    assert sampled != mode
    for name in ("loss", "accuracy"):
        assert history[f"val_{name}"] == [mode[name]]
        assert history[f"val_sampled_{name}"] == [sampled[name]]
        assert history[name] == [eagerly[0][name]]


# === Saving ===


def save_and_load_model(model, folder):
    model.save(folder / "search.keras")
    return keras.saving.load_model(folder / "search.keras")


def save_and_load_weights(model, folder):
    model.save_weights(folder / "search.weights.h5")
    other = of_one_cell(compile_with=EAGER, temperature=ANNEALED, init_seed=5)
    other.load_weights(folder / "search.weights.h5")
    return other


@pytest.mark.slow
@pytest.mark.parametrize("save_and_load", [save_and_load_model, save_and_load_weights])
def test_continues_with_the_same_bits(save_and_load, eagerly, tmp_path):
    model = of_one_cell(compile_with=EAGER, temperature=ANNEALED)
    fit(model, 0, 3 * BATCH)
    loaded = save_and_load(model, tmp_path)
    assert loaded is not model
    assert_same_bits(state(loaded), state(model))
    fit(loaded, 3 * BATCH)
    assert_same_bits(state(loaded), eagerly[1])


@pytest.mark.slow
def test_loads_with_the_papers_optimizers_and_its_own_settings(tmp_path):
    model = build_compiled(
        estimator="softmax",
        temperature=0.5,
        seed=3,
        resource_weight=0.25,
        resource_cost=ResourceCost(
            space.cell_cost_table(CELLS, SKELETON), {"parameters": 1.0, "memory_access": 2.0}
        ),
        compile_with={
            "optimizer": optimizers.SGD(0.05, l2=3e-4, momentum=0.9, global_clipnorm=5.0),
            "architecture_optimizer": optimizers.Adam(3e-4, l2=1e-3, beta_1=0.5),
            "metrics": ["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(3)],
            "steps_per_execution": 2,
        },
    )
    loaded = save_and_load_model(model, tmp_path)
    assert loaded.get_config() == model.get_config()
    assert (loaded.estimator, loaded.seed, loaded.resource_weight) == ("softmax", 3, 0.25)
    assert loaded.resource_cost.weights == model.resource_cost.weights
    assert loaded.get_compile_config() == model.get_compile_config()
    assert loaded.steps_per_execution == 2
    images, _ = digits(0, 4)
    np.testing.assert_array_equal(loaded(images), model(images))


def test_config_round_trip():
    model = build(temperature=ANNEALED, resource_weight=0.1, seed=4, name="mine")
    config = model.get_config()
    restored = Snas.from_config(config)
    assert restored.get_config() == config
    assert (restored.name, restored.seed, restored.resource_weight) == ("mine", 4, 0.1)
    assert restored.temperature_schedule.get_config() == ANNEALED.get_config()
    assert not restored.compiled
    assert restored.get_compile_config() == {}


def test_summary_counts_the_weights():
    model = build_compiled()
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    text = "\n".join(lines)
    assert "supernet" in text and "architecture" in text
    for kind, weights in (
        ("Trainable", model.trainable_weights),
        ("Non-trainable", model.non_trainable_weights),
    ):
        count = sum(int(np.prod(weight.shape)) for weight in weights)
        assert f"{kind} params: {count:,}" in text


# === What it refuses ===


@pytest.mark.slow
def test_the_latency_is_reported_where_there_is_a_table():
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON, latency_table()), {"latency": 1.0})
    metrics = build(resource_cost=cost).architecture_metrics()
    uniform = build().architecture.probabilities()
    np.testing.assert_allclose(metrics["expected_latency"], cost.expectation(uniform)["latency"])
    np.testing.assert_allclose(metrics["resource_cost"], 1.0, rtol=1e-5)
    assert "expected_latency" not in build().architecture_metrics()


@pytest.mark.slow
def test_the_genotype_and_the_child_keep_to_the_budget():
    free = build(logits=1.0)
    limit = space.cost(free.genotype(), SKELETON).parameters - 1
    cost = ResourceCost(
        space.cell_cost_table(CELLS, SKELETON), budget=space.Budget(parameters=limit)
    )
    bound = build(logits=1.0, resource_cost=cost)
    assert bound.architecture.genotype() == free.genotype()
    assert bound.child().genotype == bound.genotype() != free.genotype()
    assert bound.child().count_params() > 0
    assert space.cost(bound.genotype(), SKELETON).parameters <= limit
    with pytest.raises(ValueError, match="A budget needs the rule 'argmax'"):
        bound.genotype("top2")


@pytest.mark.slow
@pytest.mark.parametrize("gradient", ["reparameterized", "score_function"])
def test_a_step_descends_on_the_chosen_estimate_of_the_cost(gradient):
    """With a rate of 0 for the weights and an overwhelming cost only the cost moves the logits."""
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON), gradient=gradient)
    model = build_compiled(
        logits=0.5,
        resource_cost=cost,
        resource_weight=1e4,
        temperature=0.5,
        compile_with={**EAGER, "architecture_optimizer": keras.optimizers.SGD(1e-4)},
    )
    logits = [variable.value for variable in model.architecture.trainable_variables]
    before = [value.numpy() for value in logits]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        samples = model.draw(stateless_seed(model.seed, 0, model.step))
        loss = cost.loss(model.architecture, samples)
    gradients = tape.gradient(loss, logits)
    model.train_on_batch(*digits(0, 16))
    for old, variable, gradient in zip(
        before, model.architecture.trainable_variables, gradients, strict=True
    ):
        np.testing.assert_allclose(old - variable.numpy(), gradient, atol=2e-3)
        assert np.abs(gradient).max() > 0.02
