# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`snas_tf.score`: any Keras model, one batch, a number; and nothing of the model changes."""

import math
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import snas_tf
from snas_tf import ChildNetwork, evaluation, native, space
from snas_tf.errors import Failure, InvalidInput
from snas_tf.evaluation.score_names import NAMES
from snas_tf.evaluation.zero_cost import activation_codes, scores

BATCH, CLASSES = 8, 3
SHAPE = (6, 6, 2)


@pytest.fixture
def images(rng):
    return rng.normal(size=(BATCH, *SHAPE)).astype("float32")


@pytest.fixture
def labels(rng):
    return rng.integers(0, CLASSES, BATCH)


def network(*, dropout=0.0, classes=CLASSES):
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(4, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(dropout),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes),
        ]
    )


def linear(*widths):
    """Dense layers without biases, which multiply."""
    return keras.Sequential(
        [
            keras.Input((widths[0],)),
            *(layers.Dense(width, use_bias=False) for width in widths[1:]),
        ]
    )


def states(model):
    return [variable.numpy() for variable in model.variables]


def test_all_scores_are_finite_and_those_of_one_pass_are_those_of_single_ones(images, labels):
    model = network()
    together = scores(model, images, labels=labels)
    assert tuple(together) == NAMES and all(map(math.isfinite, together.values()))
    for name in NAMES:
        assert snas_tf.score(model, images, name, labels=labels) == pytest.approx(
            together[name], rel=1e-5
        )
    assert together["parameters"] == 4 * 18 + 8 + 4 * 3 + 3
    assert together["multiply_adds"] == 16 * 18 * 4 + 4 * 3


def test_nothing_changes_and_the_same_gives_the_same(images, labels):
    model = network(dropout=0.5)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    before = states(model), [v.numpy() for v in model.optimizer.variables]
    chances = random.getstate(), np.random.get_state()[1].tolist()
    first = scores(model, images, labels=labels)
    assert scores(model, images, labels=labels) == first
    after = states(model), [v.numpy() for v in model.optimizer.variables]
    for old, new in zip([*before[0], *before[1]], [*after[0], *after[1]], strict=True):
        np.testing.assert_array_equal(old, new)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == chances
    assert not tf.config.functions_run_eagerly()


def test_naswot_reads_no_labels_and_knows_no_order(images):
    model = network()
    score = snas_tf.score(model, images, "naswot")
    assert snas_tf.score(model, images[::-1].copy(), "naswot") == pytest.approx(score, rel=1e-9)
    assert score <= BATCH * math.log(16 * 4)
    assert snas_tf.score(model, images.astype("float64")) == score


def test_images_that_are_the_same_are_worth_nothing(images):
    images[1] = images[0]
    assert snas_tf.score(network(), images, "naswot") == -math.inf


CELLS = space.Skeleton(num_cells=1, init_channels=8, num_classes=3, image_shape=(6, 6, 2))
BENCH = space.nas_bench_201_skeleton(init_channels=8, cells_per_stage=1, image_shape=(8, 8, 2))
CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|none~2|"


@pytest.mark.parametrize(
    ("cell", "skeleton"),
    [
        (space.PUBLISHED["SNAS_MILD"], CELLS),
        (space.Genotype.from_nas_bench_201(CELL), BENCH),
    ],
)
def test_custom_operations_hide_no_unit(cell, skeleton, rng, native_operations):
    images = tf.constant(rng.normal(size=(BATCH, *skeleton.image_shape)), tf.float32)
    child = ChildNetwork(cell, skeleton)
    before = child.get_weights()

    def kernel():
        codes = activation_codes.ActivationCodes()
        outputs = codes.call(child, images, training=True, native_operations=True)
        kinds = {operation.kind for operation in codes._record.operations}
        return *codes.kernel(outputs), kinds

    found, units, kinds = kernel()
    native_kinds = {"SnasConvolution", "SnasSeparableConvolution"}
    assert kinds & native_kinds and native.wanted()
    score = snas_tf.score(child, images)
    native.use(False)
    expected, all_units, kinds = kernel()
    assert units == all_units and not kinds & native_kinds
    # A unit may be zero but for the rounding of either.
    np.testing.assert_allclose(found, expected, atol=max(2, units // 1000))
    assert snas_tf.score(child, images) == pytest.approx(score, rel=1e-3)
    for weights, other in zip(before, child.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, other)


def test_gradients_of_a_linear_network_by_hand(rng):
    model, images = linear(4, 3), rng.normal(size=(5, 4)).astype("float32")
    labels = rng.integers(0, 3, 5)
    weights = model.layers[0].kernel.numpy().astype(float)
    exponents = np.exp(images @ weights)
    wrong = exponents / exponents.sum(1, keepdims=True) - np.eye(3)[labels]
    gradient = images.T @ wrong / 5
    found = scores(model, images, ("grad_norm", "snip", "jacob_cov"), labels=labels)
    assert found["grad_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert found["snip"] == pytest.approx(np.abs(weights * gradient).sum(), rel=1e-5)
    # All inputs have the same gradient: the sum of the rows. The eigenvalues are 5 and 0.
    values = np.array([5, 0, 0, 0, 0]) + 1e-5
    assert found["jacob_cov"] == pytest.approx(-(np.log(values) + 1 / values).sum(), rel=0.01)


def test_a_loss_of_the_users_own_and_its_labels(rng):
    model, images = linear(4, 2), rng.normal(size=(5, 4)).astype("float32")
    wanted = rng.normal(size=(5, 2)).astype("float32")
    found = snas_tf.score(
        model, images, "grad_norm", labels=wanted, loss=keras.losses.mean_squared_error
    )
    weights = model.layers[0].kernel.numpy()
    gradient = images.T @ (images @ weights - wanted) / 5
    assert found == pytest.approx(np.linalg.norm(gradient), rel=1e-5)


def test_biases_and_normalisations_are_no_weights_of_a_score(images, labels):
    with_bias = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.BatchNormalization()])
    (chosen,) = snas_tf.evaluation.zero_cost.gradients.kernels(with_bias.trainable_variables)
    assert with_bias.trainable_variables[chosen].name == "kernel"


def test_synflow_of_a_chain_is_the_product_of_its_layers():
    # sum |w dR/dw| of each layer is R itself, of which there are as many as layers.
    model = linear(4, 6, 5, 2)
    flow = np.ones((1, 4))
    for layer in model.layers:
        flow = flow @ np.abs(layer.kernel.numpy().astype(float))
    expected = math.log(3 * flow.sum())
    assert snas_tf.score(model, np.zeros((1, 4)), "synflow") == pytest.approx(expected, rel=1e-6)


def test_synflow_goes_beyond_float32():
    deep = linear(*[50] * 16)
    for layer in deep.layers:
        layer.kernel.assign(keras.ops.full((50, 50), -20.0))
    # An input of ones becomes 1000 times as large in each of the 15 layers: R = 50 * 1000^15.
    expected = math.log(15 * 50) + 15 * math.log(1000)
    assert snas_tf.score(deep, np.zeros((1, 50)), "synflow") == pytest.approx(expected, rel=1e-6)


def test_synflow_forgets_statistics_and_shifts(images):
    model = network()
    before = snas_tf.score(model, images, "synflow")
    normalization = model.layers[1]
    normalization.moving_variance.assign([5.0, 1.0, 2.0, 3.0])
    normalization.moving_mean.assign([5.0, 1.0, 2.0, 3.0])
    normalization.beta.assign([5.0, 1.0, 2.0, 3.0])
    assert snas_tf.score(model, images, "synflow") == before


@pytest.mark.parametrize(
    "bent",
    [
        lambda: layers.Activation("softmax"),
        lambda: layers.Activation("relu6"),
        lambda: layers.Activation("gelu"),
        lambda: layers.LayerNormalization(),
        lambda: layers.Lambda(lambda x: x * x),
    ],
)
def test_synflow_refuses_what_is_not_linear(bent):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), bent()])
    with pytest.raises(InvalidInput, match="synflow needs a network that is linear"):
        snas_tf.score(model, np.zeros((1, 4)), "synflow")


def test_mistakes_are_told(images):
    with pytest.raises(InvalidInput, match="one of naswot, .*given 'nasw0t'"):
        snas_tf.score(network(), images, "nasw0t")
    with pytest.raises(InvalidInput, match="`labels` must be given for snip"):
        snas_tf.score(network(), images, "snip")
    with pytest.raises(InvalidInput, match="at least 2: given 1"):
        snas_tf.score(network(), images[:1])


def test_models_of_several_inputs_and_outputs_that_were_never_called(rng):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(9, activation="relu")

        def call(self, inputs, training=False):
            hidden = self.dense(inputs["a"])
            return {"one": hidden, "two": hidden + self.dense(inputs["b"])}

    batch = {name: rng.normal(size=(4, 5)).astype("float32") for name in ("a", "b")}
    found = scores(Own(), batch, ("naswot", "jacob_cov", "parameters", "multiply_adds"))
    assert all(map(math.isfinite, found.values()))
    assert found["parameters"] == 54 and found["multiply_adds"] == 90
    with pytest.raises(InvalidInput, match="`loss` must be given"):
        snas_tf.score(Own(), batch, "snip", labels=[0, 0, 0, 0])


def of_a_cell(genotype):
    """A network as wide as the cell has convolutions."""
    return network(classes=2 + str(genotype).count("conv"))


def test_an_evaluator_draws_the_weights_of_its_seed_and_no_other_chance(images):
    judge = evaluation.ZeroCost(of_a_cell, images, ("naswot", "parameters"))
    cell = space.nas_bench_201_cells().sample(np.random.default_rng(1))
    before = random.getstate()
    found = judge.evaluate(cell, seed=3)
    assert random.getstate() == before
    random.seed(99)
    assert judge.evaluate(cell, seed=3) == found
    assert judge.evaluate(cell, seed=4)["naswot"] != found["naswot"]
    assert judge(cell) == judge.scores(cell, seed=0)["naswot"]
    assert isinstance(judge, evaluation.Evaluator)


def test_an_evaluator_fails_where_a_search_must_not_take_the_score(images):
    images[1] = images[0]
    judge = evaluation.ZeroCost(of_a_cell, images)
    cell = space.nas_bench_201_cells().sample(np.random.default_rng(1))
    assert judge(cell) == -math.inf
    with pytest.raises(Failure, match="naswot of this network is -inf"):
        judge.evaluate(cell, seed=0)
