# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A model with choices in outline: who takes what, and where something is decided."""

import keras
from keras import layers

from snas_tf import Choice, OneOf
from snas_tf.networks.choices.outline import outline_of
from snas_tf.space.choices.outline import Part, shortened
from tests import choice_models


def test_parts_stand_in_their_order_and_lead_to_those_that_take_them():
    inputs = keras.Input((8,))
    early = layers.Dense(4)(inputs)
    x = Choice({"a": layers.Dense(4), "b": layers.Identity()}, name="step")(early)
    x = layers.Add()([x, early])
    x = layers.Dense(OneOf(2, 6), "relu", name="wide")(layers.LayerNormalization()(x))
    model = keras.Model(inputs, layers.Dense(3)(x))
    assert outline_of(model) == (
        Part("Input, Dense", ()),
        Part("Choice", (0,), ("step",)),
        Part("Add, LayerNormalization", (1, 0)),
        Part("Dense", (2,), ("wide_units",)),
        Part("Dense", (3,)),
    )


def test_choices_of_models_within_are_there_too():
    inputs = keras.Input((6,))
    inner = choice_models.part()
    model = keras.Model(inputs, layers.Dense(2)(inner(inputs)))
    decisions = [name for part in outline_of(model) for name in part.decisions]
    assert decisions and decisions == [
        name for part in outline_of(inner) for name in part.decisions
    ]
    assert all(source < place for place, p in enumerate(outline_of(model)) for source in p.sources)


def test_many_layers_are_told_by_their_first_and_last():
    chain = [Part(f"L{k}", (k - 1,) if k else ()) for k in range(9)]
    assert shortened(chain) == (Part("L0, L1, ... L8 (9 layers)", ()),)
