# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How a search goes astray, seen from its probabilities, while it runs and afterwards.

What is looked for in each kind of cell:

diverged: the probabilities are no numbers.

entropy collapse: the mean entropy of the edges falls below a quarter of log(operations) in the
first half of the epochs. Operations that are no longer drawn learn nothing, so what is decided then
is decided by operations that had hardly begun to learn.

empty cell: nothing leads from its inputs to its nodes, so the child network has no more than its
stem, the preprocessing and the classifier where such cells are.

nodes without inputs: more than half of the nodes are so, and stay in the output as zeros. Half of
them may be, as two of four are in the published reduction cell of SNAS_AGGRESSIVE.

skip connections: at least three quarters of the operations are `skip_connect`, the collapse that
DARTS is known for (arXiv 1909.09656). SNAS_AGGRESSIVE has most of all published cells, five of
eight, and the next number in such a cell is six.

An argmax over operations that are nearly equally probable means nothing, so the last three are
looked for where the most probable operation of an edge has at least 1/2 on average, and after the
last epoch planned.

Measured on the digits with the default config: two searches of 12 epochs have 85 to 92 % of the
greatest entropy halfway and 62 to 80 % in the end, one of 60 epochs 67 and 77 % halfway and 43 and
47 % in the end, and at most 6 skip connections among 14 operations. DARTS's estimator has 96 to
98 % after 12 epochs, the aggressive constraint 63 and 72 % with 7 skip connections among 12. Ten
times the learning rate of the logits leaves less than 25 % after 2 and 4 of 12 epochs and 12 and
17 % halfway; four times the rate 38 and 55 % halfway. Ten times the aggressive constraint gives 7
skip connections among 9 operations for a while.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.budget import Limit, derive_within
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.operations import operation

DIVERGED = "diverged"
ENTROPY_COLLAPSE = "entropy collapse"
EMPTY_CELL = "empty cell"
NODES_WITHOUT_INPUTS = "nodes without inputs"
SKIP_CONNECTIONS = "skip connections"

_LEAST_ENTROPY = 0.25  # of log(operations)
_EARLY = 0.5  # of the epochs planned
_MOST_WITHOUT_INPUTS = 0.5  # of the nodes
_TOO_MANY_SKIPS = 0.75  # of the operations
_DECIDED = 0.5  # mean probability of the most probable operation of an edge

Condition = tuple[str, str]
"""What is wrong, and with which kind of cell."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Degeneracy:
    """One way in which a search went astray, for one epoch or several on end.

    Attributes:
        what: "diverged", "entropy collapse", "empty cell", "nodes without inputs" or "skip
            connections".
        kind: The kind of cell, "normal" or "reduction".
        epoch: The first epoch after which it was so, counted from 1.
        until: The last epoch after which it was so; None where it is still so.
        sentence: What it is, in numbers, and what to do; one line for people. The numbers are those
            of `epoch` for an entropy collapse, of the last epoch for all else.
    """

    what: str
    kind: str
    epoch: int
    until: int | None = None
    sentence: str

    @property
    def condition(self) -> Condition:
        """(what, kind)."""
        return self.what, self.kind


def degeneracies(
    probabilities: Mapping[str, np.ndarray],
    cells: CellSpace,
    *,
    epochs: int,
    rule: str = "argmax",
    bounds: tuple[Limit, ...] = (),
    found: Genotype | None = None,
    kinds: Collection[str] | None = None,
) -> tuple[Degeneracy, ...]:
    """All that went astray in a search so far.

    Args:
        probabilities: {kind: (epochs so far, edges, ops)}, after every epoch from the first on; {}
            before the first.
        cells: The cell space.
        epochs: Number of epochs planned.
        rule: How a genotype is derived, see `CellSpace.decode`.
        bounds: The limits of a budget, which then decides instead of the rule.
        found: The genotype of the last epoch so far, where it is known.
        kinds: The kinds of cell that the network has; None for all of the space.

    Returns:
        A record for each time that something began, in this order; () where all went well.

    Raises:
        InvalidInput: An array has a wrong shape, or the kinds differ in their epochs.
    """
    last = _num_epochs(probabilities)
    begun: list[Degeneracy] = []
    lasting: dict[Condition, int] = {}
    for epoch in range(1, last + 1):
        now = degeneracies_after(
            {kind: values[epoch - 1] for kind, values in probabilities.items()},
            cells,
            epoch=epoch,
            epochs=epochs,
            rule=rule,
            bounds=bounds,
            found=found if epoch == last else None,
            kinds=kinds,
            known=lasting,
        )
        present = {record.condition: record for record in now}
        for condition in [*lasting]:
            position = lasting[condition]
            if condition not in present:
                begun[position] = dataclasses.replace(begun[position], until=epoch - 1)
                del lasting[condition]
            elif condition[0] != ENTROPY_COLLAPSE:
                sentence = present[condition].sentence
                begun[position] = dataclasses.replace(begun[position], sentence=sentence)
        for condition, record in present.items():
            if condition not in lasting:
                lasting[condition] = len(begun)
                begun.append(record)
    return tuple(begun)


def _num_epochs(probabilities: Mapping[str, np.ndarray]) -> int:
    lengths = {len(values) for values in probabilities.values()} or {0}
    if len(lengths) > 1:
        raise InvalidInput(
            "`probabilities` must have as many epochs for each kind of cell: given "
            f"{' and '.join(map(str, sorted(lengths)))}"
        )
    return lengths.pop()


def degeneracies_after(
    probabilities: Mapping[str, np.ndarray],
    cells: CellSpace,
    *,
    epoch: int,
    epochs: int,
    rule: str = "argmax",
    bounds: tuple[Limit, ...] = (),
    found: Genotype | None = None,
    kinds: Collection[str] | None = None,
    known: Collection[Condition] = (),
) -> tuple[Degeneracy, ...]:
    """What is wrong after one epoch of a search.

    Args:
        probabilities: {kind: (edges, ops)}.
        cells: The cell space.
        epoch: The epoch, counted from 1.
        epochs: Number of epochs planned.
        rule: How a genotype is derived, see `CellSpace.decode`.
        bounds: The limits of a budget, which then decides instead of the rule.
        found: The genotype, where it is known.
        kinds: The kinds of cell that the network has; None for all of the space.
        known: Conditions of the epoch before. An entropy collapse begins early, and lasts while the
            entropy stays as low.

    Returns:
        A record for each, that begins with this epoch.

    Raises:
        InvalidInput: An array has a wrong shape.
    """
    values = {kind: np.asarray(array, np.float64) for kind, array in probabilities.items()}
    numbers = {kind: np.nan_to_num(array) for kind, array in values.items()}
    if found is None:
        found = derive_within(numbers, cells, bounds) if bounds else cells.decode(numbers, rule)
    records = []
    for kind in (kind for kind in cells.kinds if kinds is None or kind in kinds):
        if not np.isfinite(values[kind]).all():
            told = [(DIVERGED, _diverged(kind))]
        else:
            early = epoch <= _EARLY * epochs or (ENTROPY_COLLAPSE, kind) in known
            told = [*_collapse(values[kind], kind, epoch, epochs)] if early else []
            if epoch >= epochs or values[kind].max(axis=1).mean() >= _DECIDED:
                told += _of_cell(found, kind, cells)
        records += [
            Degeneracy(what=what, kind=kind, epoch=epoch, sentence=sentence)
            for what, sentence in told
        ]
    return tuple(records)


def entropy_share(probabilities: np.ndarray) -> float:
    """Mean entropy of the edges as a part of log(operations), its greatest value.

    Args:
        probabilities: (edges, ops), rows that add up to 1.

    Returns:
        A number in [0, 1]; 1 where there is but one operation, as nothing is to be decided.
    """
    operations = probabilities.shape[1]
    if operations == 1:
        return 1.0
    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return float(-(probabilities * logs).sum(axis=1).mean() / np.log(operations))


def _diverged(kind: str) -> str:
    return (
        f"the search has diverged: the probabilities of the {kind} cell are no numbers; do lower "
        "search.learning_rate and search.architecture_learning_rate"
    )


def _collapse(
    probabilities: np.ndarray, kind: str, epoch: int, epochs: int
) -> Iterator[tuple[str, str]]:
    share = entropy_share(probabilities)
    if share < _LEAST_ENTROPY:
        yield (
            ENTROPY_COLLAPSE,
            f"the {kind} cell is decided too early, with {epochs - epoch} of {epochs} epochs to "
            f"come: its entropy is {_percent(share)} of the greatest, and operations that are no "
            "longer drawn learn nothing; do lower search.architecture_learning_rate",
        )


def _of_cell(genotype: Genotype, kind: str, cells: CellSpace) -> Iterator[tuple[str, str]]:
    """What is wrong with a cell of a genotype; an empty one has no more to be said of it."""
    connections = genotype.connections(kind)
    reached = {*range(genotype.num_inputs)}
    for source, node, _ in connections:  # sorted by their nodes, so sources come first
        if source in reached:
            reached.add(node)
    without = genotype.num_inputs + genotype.num_nodes - len(reached)
    # Where the last node is all that a cell gives, nothing comes of those before it by themselves.
    is_empty = cells.output == "last_node" and cells.nodes[-1] not in reached
    skips = sum(operation(name).group == "skip" for _, _, name in connections)
    remedy = (
        "do lower search.resource_weight or raise the target where the search minds cost, else "
        "lower search.architecture_learning_rate"
    )
    if is_empty or without == genotype.num_nodes:
        yield (
            EMPTY_CELL,
            f"the {kind} cell is empty: no operations lead from its inputs to what it gives, so "
            f"that it is zeros; {remedy}",
        )
        return
    if without > _MOST_WITHOUT_INPUTS * genotype.num_nodes:
        yield (
            NODES_WITHOUT_INPUTS,
            f"the {kind} cell is nearly empty: {without} of its {genotype.num_nodes} nodes get "
            f"nothing from its inputs and are zeros; {remedy}",
        )
    has_choice = any(operation(name).group not in ("none", "skip") for name in cells.primitives)
    if has_choice and skips >= _TOO_MANY_SKIPS * len(connections):
        yield (
            SKIP_CONNECTIONS,
            f"the {kind} cell drowns in skip connections: {skips} of its {len(connections)} "
            f"operations are skip_connect, which learn little or nothing; {remedy}",
        )


def _percent(fraction: float) -> str:
    return f"{fraction:.0%}".replace("%", " %")
