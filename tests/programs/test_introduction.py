# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A stage says what it learns from, and what it found but does not read."""

import dataclasses
import io

import pytest
import rich.console
import tensorflow as tf

from snas_tf import data
from snas_tf.machine.cluster import Cluster
from snas_tf.machine.workers import Workers
from snas_tf.programs import introduction


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


def told(images):
    workers = Workers(Cluster(), tf.distribute.get_strategy())
    console = rich.console.Console(file=io.StringIO(), width=80)
    introduction.tell("Searching", images, 17, workers, console)
    return console.file.getvalue()


def test_classes_and_the_sizes_of_three_splits(digits):
    assert told(digits) == (
        "Searching on digits, 10 classes (0, 1, 2, 3, 4 and 5 more): "
        f"{digits.train.size} images to learn from, {digits.validation.size} to validate on, "
        f"{digits.test.size} to test on; "
        "17 steps an epoch on one device.\n"
    )


def test_few_classes_are_all_named_brackets_too(digits):
    pets = dataclasses.replace(digits, name="my [pets]", class_names=("[b]cat", "dog"))
    assert told(pets).startswith("Searching on my [pets], 2 classes ([b]cat, dog): ")


def test_numbers_have_no_classes(digits):
    numbers = dataclasses.replace(digits, name="heights", class_names=())
    assert told(numbers).startswith("Searching on heights, numbers to tell: ")


def test_what_is_not_read_is_told_once(digits):
    unread = ("12 .heic files", "2 folders beside 'train' ('test1', 'new')")
    lines = told(dataclasses.replace(digits, unread=unread)).splitlines()
    assert lines[1:] == ["Not read: 12 .heic files, 2 folders beside 'train' ('test1', 'new')."]
