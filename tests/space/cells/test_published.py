# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The published genotypes, against the table of the papers' released code in short notation."""

import pytest

from snas_tf.space import PUBLISHED, CellSpace

SHORT = {
    "max": "max_pool_3x3",
    "avg": "avg_pool_3x3",
    "skip": "skip_connect",
    "sep3": "sep_conv_3x3",
    "sep5": "sep_conv_5x5",
    "dil3": "dil_conv_3x3",
    "dil5": "dil_conv_5x5",
}
TABLE = {
    ("SNAS_MILD", "normal"): "sep3:0 sep3:1 | skip:0 dil3:1 | skip:0 skip:1 | skip:0 sep3:1",
    ("SNAS_MILD", "reduction"): "max:0 max:1 | max:1 skip:2 | max:1 skip:2 | max:0 dil5:2",
    ("SNAS_MODERATE", "normal"): "dil5:0 skip:1 | sep3:0 skip:1 | skip:0 skip:1 | sep3:0 dil5:1",
    ("SNAS_MODERATE", "reduction"): "max:0 max:1 | sep5:0 dil5:1 | sep5:0 sep5:1 | sep5:0 sep5:1",
    ("SNAS_AGGRESSIVE", "normal"): "sep5:0 skip:1 | skip:0 skip:1 | skip:0 dil5:1 | skip:0 dil5:1",
    ("SNAS_AGGRESSIVE", "reduction"): "sep5:0 | sep5:0 | |",
    ("DARTS_V1", "normal"): "sep3:0 sep3:1 | skip:0 sep3:1 | skip:0 sep3:1 | sep3:0 skip:2",
    ("DARTS_V1", "reduction"): "max:0 max:1 | max:0 skip:2 | max:0 skip:2 | avg:0 skip:2",
    ("DARTS_V2", "normal"): "sep3:0 sep3:1 | sep3:0 sep3:1 | skip:0 sep3:1 | skip:0 dil3:2",
    ("DARTS_V2", "reduction"): "max:0 max:1 | max:1 skip:2 | max:0 skip:2 | max:1 skip:2",
}


def written_out(text):
    for node, arriving in enumerate(text.split("|"), start=2):
        for word in arriving.split():
            operation, source = word.split(":")
            yield int(source), node, SHORT[operation]


@pytest.mark.parametrize(("name", "kind"), TABLE, ids="-".join)
def test_every_connection(name, kind):
    assert list(PUBLISHED[name].connections(kind)) == list(written_out(TABLE[name, kind]))


def test_there_are_no_others_and_the_papers_space_holds_them():
    assert {*PUBLISHED} == {name for name, _ in TABLE}
    for genotype in PUBLISHED.values():
        genotype.validate(CellSpace())
