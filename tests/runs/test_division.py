# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What several devices cannot do together is refused before anything is written."""

import pytest

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.runs import division


def given(values):
    made = config.get_config()
    made.update_from_flattened_dict(values)
    return made


@pytest.mark.parametrize(
    ("stage", "values", "key"),
    [
        ("search", {}, "data.batch_size"),
        ("train", {}, "data.batch_size"),
        ("train", {"train.batch_size": 3}, "train.batch_size"),
    ],
)
def test_every_device_needs_an_image(stage, values, key):
    with pytest.raises(InvalidInput, match=f"`--config.{key}` must be at least 4.*: given 3"):
        division.check(given(values), stage, 3, 4)
    division.check(given(values), stage, 4, 4)
    division.check(given(values), stage, 1, 1)


@pytest.mark.parametrize("stage", ["search", "train"])
def test_synchronised_devices_cannot_be_compiled(stage):
    key = f"{stage}.synchronized_batch_norm"
    both = given({key: True, "runtime.jit_compile": True})
    with pytest.raises(InvalidInput, match=f"`--config.{key}` cannot be used with"):
        division.check(both, stage, 64, 2)
    division.check(both, stage, 64, 1)
    division.check(both, "train" if stage == "search" else "search", 64, 2)
    division.check(given({key: True}), stage, 64, 2)
