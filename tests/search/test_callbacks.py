# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Warnings of a search gone astray, in a user's own `fit` and over its continuation."""

import logging

import keras
import numpy as np
import pytest

from snas_tf import ResourceCost, space
from snas_tf.search.callbacks import WarnOfDegeneracy
from tests.search.small_models import CELLS, SKELETON, build, build_compiled, digits

OPERATIONS = {name: column for column, name in enumerate(CELLS.primitives)}


class Recorder(keras.callbacks.Callback):
    """Keeps the probabilities of every epoch, and what was written when it began."""

    def __init__(self, lines):
        super().__init__()
        self.lines, self.written, self.probabilities = lines, [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.written.append(len(self.lines))

    def on_epoch_end(self, epoch, logs=None):
        self.probabilities.append(
            {kind: v.numpy() for kind, v in self.model.architecture.probabilities().items()}
        )


def decide(model, operation, certainty=20.0):
    """Makes the model sure of one operation on all edges."""
    for logits in model.architecture.logits.values():
        logits.assign(certainty * np.eye(CELLS.num_operations)[[OPERATIONS[operation]] * 2])


def epochs_of(callback, model, *operations, first=0, total=None):
    """Lets a callback see epochs that end with the model sure of these operations; None: as is."""
    callback.set_model(model)
    callback.set_params({"epochs": total or first + len(operations)})
    callback.on_train_begin()
    for epoch, operation in enumerate(operations, start=first):
        callback.on_epoch_begin(epoch)
        if operation:
            decide(model, operation)
        callback.on_epoch_end(epoch)
    callback.on_train_end()


@pytest.mark.slow
def test_a_search_that_goes_astray_is_warned_of_in_fit(caplog):
    lines = []
    model = build_compiled(
        temperature=1.0,
        resource_weight=30.0,
        compile_with={"architecture_optimizer": keras.optimizers.Adam(1.0)},
    )
    recorder = Recorder(lines)
    with caplog.at_level(logging.WARNING, logger="absl"):
        model.fit(
            *digits(0, 128),
            batch_size=32,
            epochs=4,
            verbose=0,
            callbacks=[WarnOfDegeneracy(), WarnOfDegeneracy(write=lines.append), recorder],
        )
    probabilities = {
        kind: np.stack([after[kind] for after in recorder.probabilities]) for kind in space.KINDS
    }
    found = space.degeneracies(probabilities, CELLS, epochs=4)
    assert {record.what for record in found} >= {"entropy collapse", "empty cell"}
    starts = [f"after epoch {record.epoch} the {record.decision} cell is" for record in found]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert all("\n" not in line and line.endswith(".") for line in lines)
    # Each before the next epoch begins, behind the progress bar of its own.
    expected = [sum(record.epoch <= epoch for record in found) for epoch in range(4)]
    assert recorder.written == expected
    assert [record.getMessage() for record in caplog.records if record.name == "absl"] == lines


@pytest.mark.slow
def test_an_ordinary_search_is_not_warned_of():
    lines = []
    callback = WarnOfDegeneracy(write=lines.append)
    model = build_compiled()
    model.fit(*digits(0, 64), batch_size=32, epochs=2, verbose=0, callbacks=[callback])
    epochs_of(callback, model, "sep_conv_3x3", "max_pool_3x3", first=7, total=9)
    assert lines == []


def test_a_warning_is_given_once_and_again_when_it_begins_anew():
    lines = []
    callback = WarnOfDegeneracy(write=lines.append)
    operations = ("sep_conv_3x3", "none", "none", "max_pool_3x3", "none", "none")
    model = build()
    decide(model, "sep_conv_3x3")
    epochs_of(callback, model, *operations, total=10)
    empty = [line for line in lines if "is empty" in line]
    kinds = [(epoch, kind) for epoch in (2, 5) for kind in space.KINDS]
    assert [line.split(":")[0] for line in empty] == [
        f"after epoch {epoch} the {kind} cell is empty" for epoch, kind in kinds
    ]


def test_what_was_so_before_is_not_told_again_after_a_resume():
    lines = []
    model = build()
    decide(model, "none")
    callback = WarnOfDegeneracy(write=lines.append)
    epochs_of(callback, model, "none", "skip_connect", "skip_connect", first=3, total=20)
    assert [line[:22] for line in lines] == ["after epoch 5 the norm", "after epoch 5 the redu"]
    assert all("skip connections" in line for line in lines)
    lines.clear()
    # A run may call `fit` for the rest of an epoch, then for those that follow.
    epochs_of(callback, model, "skip_connect", "none", first=6, total=20)
    assert [line.split(":")[0] for line in lines] == [
        f"after epoch 8 the {kind} cell is empty" for kind in space.KINDS
    ]


def test_a_search_from_its_beginning_is_told_of_everything():
    lines = []
    model = build()
    decide(model, "none")
    callback = WarnOfDegeneracy(write=lines.append)
    epochs_of(callback, model, "none", total=2)
    assert len(lines) == 4
    epochs_of(callback, model, "none", total=2)
    assert len(lines) == 8


def test_the_epochs_may_be_more_than_those_of_fit():
    """An entropy that is low after epoch 2 is early for 8 epochs, late for 3."""
    for epochs, expected in ((8, 2), (None, 0)):
        lines = []
        model = build()
        callback = WarnOfDegeneracy(epochs=epochs, write=lines.append)
        epochs_of(callback, model, None, "sep_conv_3x3", total=3)
        assert sum("decided too early" in line for line in lines) == expected


def test_kinds_of_cell_that_the_network_lacks_are_not_warned_of():
    lines = []
    skeleton = space.Skeleton(num_cells=2, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
    epochs_of(WarnOfDegeneracy(write=lines.append), build(skeleton=skeleton), "none", total=1)
    assert len(lines) == 1 and "reduction cell is empty" in lines[0]


def test_the_rule_decides_what_a_cell_is():
    for rule, expected in (("argmax", 2), ("top2", 0)):
        lines = []
        epochs_of(WarnOfDegeneracy(rule, write=lines.append), build(), "none", total=1)
        assert len(lines) == expected


def test_a_budget_decides_after_every_epoch():
    """Convolutions are surest by far, and too dear; `none` comes next."""
    least = space.cost(
        space.Genotype({"normal": (), "reduction": ()}, num_nodes=CELLS.num_nodes), SKELETON
    ).parameters
    cost = ResourceCost(
        space.cell_cost_table(CELLS, SKELETON), budget=space.Budget(parameters=least)
    )
    for total, expected in ((1, 2), (2, 2)):
        model = build(resource_cost=cost)
        decide(model, "sep_conv_3x3")
        for logits in model.architecture.logits.values():
            logits.assign_add(10.0 * np.eye(CELLS.num_operations)[[OPERATIONS["none"]] * 2])
        lines = []
        epochs_of(WarnOfDegeneracy(write=lines.append), model, None, total=total)
        assert sum("cell is empty" in line for line in lines) == expected


def test_a_search_that_diverged_is_told_of_and_not_stopped():
    lines = []
    model = build()
    callback = WarnOfDegeneracy(write=lines.append)
    callback.set_model(model)
    callback.set_params({"epochs": 1})
    callback.on_epoch_begin(0)
    model.architecture.logits["normal"].assign(np.full((2, 4), np.nan))
    decide_reduction = np.eye(4)[[OPERATIONS["sep_conv_3x3"]] * 2]
    model.architecture.logits["reduction"].assign(20 * decide_reduction)
    callback.on_epoch_end(0)
    callback.on_train_end()
    assert len(lines) == 1 and "after epoch 1 the search has diverged" in lines[0]
