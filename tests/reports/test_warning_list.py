# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One warning for all the times that the same went astray."""

from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.reports import Doubt
from snas_tf.reports.warning_list import warnings


def record(what, epoch, until, kind="normal"):
    sentence = f"{what} of the {kind} cell from epoch {epoch}"
    return space.Degeneracy(what=what, decision=kind, epoch=epoch, until=until, sentence=sentence)


def test_times_are_told_together_with_the_words_of_the_last():
    found = [record("empty cell", 2, 2), record("empty cell", 5, 7), record("empty cell", 9, None)]
    (warned,) = warnings(found)
    assert warned.when == "epoch 2, epochs 5 to 7 and from epoch 9 on"
    assert warned.sentence == found[-1].sentence and warned.lasting
    (warned,) = warnings(found[:2])
    assert warned.when == "only epoch 2 and epochs 5 to 7" and not warned.lasting
    assert warnings(()) == ()


def test_kinds_of_cell_are_told_apart():
    found = [record("empty cell", 1, None), record("empty cell", 1, None, "reduction")]
    assert [warned.when for warned in warnings(found)] == ["from epoch 1 on"] * 2


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), unique_by=lambda one: one[0]))
def test_what_lasts_comes_first_and_else_the_order_stays(conditions):
    found = [record(what, 3, None if lasts else 4) for what, lasts in conditions]
    expected = [what for what, lasts in conditions if lasts]
    expected += [what for what, lasts in conditions if not lasts]
    assert [warned.sentence[0] for warned in warnings(found)] == expected


def test_a_doubt_is_told_as_it_is_before_what_went_astray():
    doubt = Doubt(what="chance", about="child", sentence="it is chance")
    told = warnings([doubt, record("empty cell", 1, None), record("diverged", 1, 2)])
    assert [warned.when for warned in told] == ["", "from epoch 1 on", "only epochs 1 to 2"]
    assert told[0].sentence == doubt.sentence and told[0].lasting
