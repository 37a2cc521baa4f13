# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Sizes that are left open, and the channels that follow from them."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.space.choices.channels import Channels, Width
from snas_tf.space.choices.one_of import OneOf


def test_it_is_the_greatest_of_its_sizes():
    sizes = OneOf(16, 64, 32, decision="width")
    assert sizes == 64 and sizes + 1 == 65
    assert (sizes.sizes, sizes.options) == ((64, 32, 16), ("64", "32", "16"))
    assert repr(sizes) == "OneOf(16, 32, 64, decision='width')"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_as_open(copied):
    sizes = OneOf(3, 5, decision="size")
    assert copied(sizes).is_like(sizes)
    assert not copied(sizes).is_like(OneOf(3, 5)) and not sizes.is_like(5)


@pytest.mark.parametrize("sizes", [(), (3, 3), (0, 1), (2.0,), (True,), ("3",)])
def test_what_is_no_size_is_refused(sizes):
    with pytest.raises(InvalidInput, match="different whole numbers"):
        OneOf(*sizes)


WIDTHS = (Width("a", (4, 2, 1)), Width("b", (3, 1)))


@st.composite
def some_channels(draw):
    made = [Channels.closed(draw(st.integers(1, 3))), *(Channels.open(width) for width in WIDTHS)]
    channels = draw(st.sampled_from(made))
    for step in draw(st.lists(st.sampled_from(["join", "repeat", "tile"]), max_size=3)):
        if step == "join":
            channels = Channels.joined([channels, draw(st.sampled_from(made))])
        else:
            times = draw(st.integers(1, 3))
            channels = channels.repeated(times) if step == "repeat" else channels.tiled(times)
    return channels


@given(channels=some_channels(), a=st.integers(0, 2), b=st.integers(0, 1))
def test_what_is_kept_is_what_the_masks_of_one_hot_rows_leave_and_as_many_as_counted(
    channels, a, b
):
    chosen = {"a": a, "b": b}
    kept = channels.kept(chosen)
    mask = channels.always().astype(int)
    for width in channels.widths:
        mask = mask + channels.table(width)[chosen[width.decision]]
    assert np.array_equal(np.flatnonzero(mask), kept) and mask.max(initial=0) <= 1
    fixed, more = channels.counts()
    assert fixed + sum(count[chosen[name]] for name, count in more.items()) == len(kept)
    assert channels.same(channels) and len(channels) >= len(kept)


def test_channels_are_the_same_whatever_the_order_of_their_widths():
    a, b = map(Channels.open, WIDTHS)
    assert not a.same(b) and not a.same(Channels.closed(4))
    turned = Channels(WIDTHS[::-1], np.array([1, 1, 1, 1]), np.arange(4))
    assert a.same(turned) and turned.same(a)
    assert not Channels.joined([a, b]).same(Channels.joined([b, a]))
