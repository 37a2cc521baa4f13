# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Open widths and kernel sizes: children are cut exactly, and what cannot be cut is refused."""

import itertools
import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from snas_tf import ArchitectureDistribution, Choice, OneOf, Repeat, Snas, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChoiceSupernet
from snas_tf.networks.choices.kernel_parts import kernel_parts
from snas_tf.networks.traced_cost import multiply_adds
from snas_tf.space import joint_costs
from tests import choice_models
from tests.networks.choices.test_choice_supernet import (
    CROSS_ENTROPY,
    assert_child_is_supernet,
    inputs_of,
    moved,
)


def told_and_real(network, architecture):
    """Costs by the table, and those of the child."""
    told = network.costs.cost(network.space.encode(architecture))
    child = network.child(architecture)
    weights = sum(math.prod(weight.shape) for weight in child.trainable_weights)
    assert [*told] == ["parameters", "multiply_adds"]
    return np.array([*told.values()]), np.array([weights, multiply_adds(child)])


def bound_of(network, architecture):
    """Costs as a penalty counts them, a sum over decisions."""
    rows = network.space.encode(architecture)
    costs = network.costs
    return costs.fixed + sum(
        np.einsum("po,poc->c", rows[name], table[0]) for name, (table, _) in costs.uses.items()
    )


def test_children_of_all_kinds_of_layers_are_cut_and_no_dearer_than_told(rng):
    model = choice_models.sizes()
    network = moved(ChoiceSupernet(model))
    assert {d.name: d.options for d in network.space.decisions} == {
        "first_filters": ("6", "4", "3"),
        "first_kernel_size": ("5", "3", "1"),
        "width": ("4", "2"),
        "separable_kernel_size": ("5", "3"),
        "depthwise_kernel_size": ("3", "1"),
        "options": ("one", "two"),
        "dense_units": ("5", "3"),
    }
    for _ in range(3):
        architecture = network.space.sample(rng)
        child = assert_child_is_supernet(network, inputs_of(model), architecture)
        told, real = told_and_real(network, architecture)
        assert (told > real - 1e-6).all()
        first = child.get_layer("block").get_layer("first")
        chosen = architecture["first_filters"], architecture["first_kernel_size"]
        assert ((str(first.filters),), (str(first.kernel_size[0]),)) == chosen
        assert not any(isinstance(x, OneOf) for x in (first.filters, *first.kernel_size))


STEPS = {
    "dense": lambda width: layers.Dense(width, "sigmoid"),
    "conv": lambda width: layers.Conv1D(width, OneOf(1, 3), padding="causal"),
    "separable": lambda width: layers.SeparableConv1D(width, OneOf(3, 5), padding="same"),
    "depthwise": lambda _: layers.DepthwiseConv1D(OneOf(3, 5), padding="same", depth_multiplier=2),
    "norm": lambda _: layers.BatchNormalization(),
    "sigmoid": lambda _: layers.Activation("sigmoid"),
    "pool": lambda _: layers.MaxPooling1D(2, padding="same"),
    "dropout": lambda _: layers.Dropout(0.5),
    "nested": lambda width: keras.Sequential([layers.Dense(width), layers.BatchNormalization()]),
}


@st.composite
def random_chains(draw):
    """Layers on series, with open sizes, joins and ends of all kinds, and whether costs are exact.

    What an open width saves within an option is not counted.
    """
    exact, x = True, keras.Input((7, 2))
    series = x
    for place, name in enumerate(draw(st.lists(st.sampled_from(list(STEPS)), max_size=4))):
        before = x
        x = STEPS[name](OneOf(1, 2, 4, decision=draw(st.sampled_from([None, "shared"]))))(x)
        join = draw(st.sampled_from(["none", "concatenate", "option", "repeat"]))
        if join == "concatenate" and before.shape[:-1] == x.shape[:-1]:
            x = layers.Concatenate()([before, x])
        elif join == "option":
            options = [layers.Dense(2), layers.Conv1D(2, 3, padding="same")]
            exact, x = False, Choice(options, name=f"option_{place}")(x)
        elif join == "repeat":
            x = Repeat(layers.ReLU(), 2, name=f"repeat_{place}")(x)
    end = draw(st.sampled_from([layers.Flatten, layers.GlobalAveragePooling1D]))()(x)
    last = layers.Dense(2)(layers.Dense(OneOf(2, 3), name="last")(end))
    return keras.Model(series, last), exact


@given(made=random_chains(), seed=st.integers(0, 10**6))
@settings(max_examples=8)
def test_children_of_random_chains_are_cut_and_cost_what_is_told(made, seed):
    model, exact = made
    network = moved(ChoiceSupernet(model))
    architecture = network.space.sample(np.random.default_rng(seed))
    assert_child_is_supernet(network, inputs_of(model), architecture)
    told, real = told_and_real(network, architecture)
    assert (told == real).all() if exact else (told >= real).all()
    assert (bound_of(network, architecture) > told * (1 - 1e-9)).all()


def widths_that_meet():
    """Three convolutions in a row, whose widths and a kernel are open, and one that is shared."""
    x = pixels = keras.Input((6, 6, 2))
    x = y = layers.Conv2D(OneOf(2, 5, decision="shared"), 3, padding="same", name="a")(x)
    x = layers.Conv2D(OneOf(3, 4, 8), OneOf(1, 3), padding="same", name="b")(x)
    x = layers.Conv2D(OneOf(2, 5, decision="shared"), 1, name="c")(layers.BatchNormalization()(x))
    return keras.Model(pixels, layers.Dense(3)(layers.GlobalAveragePooling2D()(x + y)))


def test_costs_are_exact_where_open_sizes_meet_and_a_budget_is_kept_to_the_weight(rng):
    network = ChoiceSupernet(widths_that_meet())
    space_ = network.space
    every = [
        space_.decode({name: np.eye(n)[[k]] for (name, n), k in zip(sizes, ks, strict=True)})
        for sizes in [[(d.name, len(d.options)) for d in space_.decisions]]
        for ks in itertools.product(*(range(n) for _, n in sizes))
    ]
    assert len(every) == 12
    costs = []
    for architecture in every:
        told, real = told_and_real(network, architecture)
        assert (told == real).all()
        costs.append(told)
    again = space.CostTable.from_config(json.loads(json.dumps(network.costs.get_config())))
    rows = {d.name: rng.dirichlet(np.ones(len(d.options)))[None] for d in space_.decisions}
    assert again.cost(rows) == network.costs.cost(rows)
    chance = [
        np.prod([(rows[name] * row).sum() for name, row in space_.encode(one).items()])
        for one in every
    ]
    for weights, products in costs:  # to the weight: each network is within its own costs
        budget = space.Budget(parameters=weights, multiply_adds=products)
        limits = space.limits(budget, network.costs)
        within = [(one <= (weights, products)).all() for one in np.array(costs)]
        found = space.derive(rows, space_, bounds=limits)
        assert found == every[int(np.argmax(np.where(within, chance, 0)))]
    assert limits[0].least == min(weights for weights, _ in costs)


def test_where_too_many_sizes_meet_the_smallest_weights_have_a_bound(monkeypatch):
    monkeypatch.setattr(joint_costs, "MOST_WAYS", 6)
    network = ChoiceSupernet(widths_that_meet())
    kept = [*network.costs.joint]
    assert kept == [("b_filters", "shared")]  # with the kernel there were twelve ways
    for size in range(3):
        rows = {"shared": np.eye(2)[[1]], "b_kernel_size": np.eye(2)[[1]]}
        architecture = network.space.decode({**rows, "b_filters": np.eye(3)[[size]]})
        told, real = told_and_real(network, architecture)
        assert (told > real).all()


def test_costs_are_exact_where_one_decision_has_a_say():
    x = pixels = keras.Input((6, 6, 2))
    for _ in range(2):
        x = layers.BatchNormalization()(
            layers.Conv2D(OneOf(2, 4, 8, decision="width"), 3, padding="same")(x)
        )
    x = layers.DepthwiseConv2D(3, strides=2)(x)
    network = ChoiceSupernet(keras.Model(pixels, layers.Dense(3)(layers.Flatten()(x))))
    for size in range(3):
        architecture = network.space.decode({"width": np.eye(3)[[size]]})
        np.testing.assert_array_equal(*told_and_real(network, architecture))
        assert not network.costs.joint


@given(
    sizes=st.sets(st.integers(1, 6), min_size=2, max_size=3),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.sampled_from(["same", "causal"]),
    length=st.integers(2, 9),
)
@settings(max_examples=30)
def test_a_part_of_the_kernel_answers_what_a_smaller_one_does_or_is_refused(
    sizes, stride, dilation, padding, length
):
    stride = 1 if dilation > 1 else stride
    settings_of = {"strides": stride, "dilation_rate": dilation, "padding": padding}
    layer = layers.Conv1D(2, OneOf(*sizes), use_bias=False, **settings_of)
    series = np.random.default_rng(0).normal(size=(2, length, 2)).astype("float32")
    layer(series)
    try:
        parts = kernel_parts(layer, series.shape)
    except InvalidInput:
        assert not all(size % 2 for size in sizes) or stride > 1
        return
    for size, part in zip(sorted(sizes, reverse=True), parts, strict=True):
        smaller = layers.Conv1D(2, size, use_bias=False, **settings_of)
        smaller.build(series.shape)
        smaller.set_weights([layer.get_weights()[0][part]])
        whole = np.zeros_like(layer.get_weights()[0])
        whole[part] = layer.get_weights()[0][part]
        answer = smaller(series)
        kernel = layer.get_weights()[0]
        layer.set_weights([whole])
        np.testing.assert_allclose(layer(series), answer, atol=1e-5)
        layer.set_weights([kernel])


def test_the_gradient_of_a_row_is_each_sizes_share_and_in_single_path_one_has_it():
    features = keras.Input((3,))
    model = keras.Model(features, layers.Dense(1)(layers.Dense(OneOf(1, 4), name="open")(features)))
    network, x = ChoiceSupernet(model), tf.constant(inputs_of(model, 5))
    row = tf.constant([[0.3, 0.7]])
    hidden = model.get_layer("open")(x).numpy()
    kernel = model.layers[-1].kernel.numpy()[:, 0]
    shares = [(hidden * kernel).sum(), hidden[:, 0].sum() * kernel[0]]
    for one_hot, expected in ((False, shares), (True, [0.0, shares[1]])):
        row = tf.constant([[0.0, 1.0]] if one_hot else [[0.3, 0.7]])
        with tf.GradientTape() as tape:
            tape.watch(row)
            loss = tf.reduce_sum(network(x, {"open_units": row}, one_hot=one_hot))
        np.testing.assert_allclose(tape.gradient(loss, row)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("estimator", ["concrete", "straight_through"])
def test_open_sizes_are_searched_and_are_open_in_what_is_saved(estimator, tmp_path):
    model = choice_models.sizes()
    network = ChoiceSupernet(model)
    search = Snas(network, ArchitectureDistribution(network.space), estimator=estimator)
    search.compile("sgd", CROSS_ENTROPY, architecture_optimizer="sgd")
    pixels = inputs_of(model, 8)
    search.fit(pixels, np.arange(8) % 3, batch_size=4, verbose=0)
    moved_by = {k: float(np.abs(v).max()) for k, v in search.architecture.logits.items()}
    assert all(moved_by.values()), moved_by
    if estimator == "concrete":
        search.save(tmp_path / "search.keras")
        loaded = keras.saving.load_model(tmp_path / "search.keras")
        assert loaded.supernet.space == network.space
        np.testing.assert_allclose(
            loaded.child()(pixels), search.child()(pixels), rtol=1e-5, atol=1e-6
        )


def chain(*steps, shape=(6, 6, 2)):
    def build():
        x = inputs = keras.Input(shape)
        for step in steps:
            x = step(x)
        return keras.Model(inputs, x)

    return build


def sized(**kwargs):
    return layers.Conv2D(OneOf(2, 4), 3, padding="same", name="open", **kwargs)


class Own(layers.Layer):
    def call(self, x):
        return x


REFUSED = {
    "the end": (chain(sized()), "must have a fixed width: given the open one of open_filters"),
    "mixes": (chain(sized(), layers.LayerNormalization(name="norm")), "'norm' .LayerNormalization"),
    "softmax": (chain(sized(), layers.Dense(2, "softmax")), None),
    "softmax of it": (chain(sized(activation="softmax")), "activation softmax"),
    "own": (chain(sized(), Own(name="mine")), "'mine' .Own. must not read"),
    "groups": (chain(sized(), layers.Conv2D(4, 1, groups=2, name="g")), "'g' .*groups"),
    "argument": (chain(layers.MaxPooling2D(OneOf(2, 3))), "pool_size, strides cannot be a OneOf"),
    "valid": (chain(layers.Conv2D(2, OneOf(3, 5), name="valid")), "padding='same'"),
    "stride": (
        chain(layers.Conv1D(2, OneOf(1, 3), strides=2, padding="same"), shape=(None, 2)),
        "each is a part of the greatest: 1 of 3 is not",
    ),
    "two sizes": (
        chain(layers.Conv2D(2, (OneOf(3, 5), OneOf(1, 3)), padding="same")),
        "one OneOf for all its axes",
    ),
    "not one width": (
        lambda: keras.Model(
            x := keras.Input((3,)),
            layers.Add(name="sum")([layers.Dense(OneOf(2, 4))(x), layers.Dense(4)(x)]),
        ),
        "'sum' .Add. joins",
    ),
    "in an option": (
        lambda: Choice({"a": layers.Dense(OneOf(2, 4))}),
        "must leave nothing open itself",
    ),
    "after an option's norm": (
        chain(
            sized(),
            lambda x: Choice(
                [keras.Sequential([layers.BatchNormalization(), layers.Conv2D(2, 1, name="late")])]
            )(x),
        ),
        "'late' must come before",
    ),
    "options that differ": (
        chain(sized(), lambda x: Choice([layers.Identity(), layers.Conv2D(4, 1)], name="two")(x)),
        "all options of 'two' must leave the same",
    ),
}


@pytest.mark.parametrize("case", [name for name in REFUSED if REFUSED[name][1]])
def test_what_cannot_be_cut_is_refused_by_name(case):
    build, message = REFUSED[case]
    with pytest.raises(InvalidInput, match=message) as refused:
        ChoiceSupernet(build())
    assert "\n" not in str(refused.value)


def test_what_ends_in_a_fixed_width_is_taken():
    ChoiceSupernet(REFUSED["softmax"][0]())


def test_a_layer_that_is_called_twice_is_cut_once_or_refused():
    shared = layers.Dense(2, name="shared")
    features = keras.Input((3,))
    both = [layers.Dense(OneOf(2, 4, decision=name))(features) for name in "aa"]
    model = keras.Model(features, layers.Add()([shared(x) for x in both]))
    network = ChoiceSupernet(model)
    for option in itertools.product(np.eye(2)):
        architecture = network.space.decode({"a": np.array(option)})
        assert_child_is_supernet(network, inputs_of(model), architecture)
    both = [layers.Dense(OneOf(2, 4, decision=name))(features) for name in "ab"]
    again = layers.Dense(2, name="again")
    with pytest.raises(InvalidInput, match="'again' is called more than once"):
        ChoiceSupernet(keras.Model(features, layers.Add()([again(x) for x in both])))
