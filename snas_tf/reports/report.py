# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a report tells, as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from snas_tf.reports.choice import Choice
from snas_tf.reports.comparison import SeedResult, TradeOffPoint
from snas_tf.reports.decision_tables import DecisionTables
from snas_tf.reports.headline import Headline
from snas_tf.reports.mistake import Mistake
from snas_tf.reports.outline import Stage
from snas_tf.reports.presentation import Presentation
from snas_tf.reports.result import Result
from snas_tf.reports.trials.trials import Trials
from snas_tf.reports.truth import Truth
from snas_tf.reports.warning_list import Record
from snas_tf.space import Architecture, DecisionSpace


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """All that a page and a summary say about a run.

    Attributes:
        title: The headline.
        summary: One or two sentences in plain words.
        headline: The network to use and how good it is; None before there is one.
        results: The table of results.
        mistakes: Test images on which the network to use is wrong, the surest first.
        outline: The whole network from its input to its output; () where what was found is drawn
            as a whole anyway.
        architecture: What was found or trained; None if there is nothing yet.
        space: What may be decided.
        uses: The decisions, such as kinds of cell, that have a part in the networks; nothing is
            said of another. () for all.
        search_rows: The metrics of every epoch of the search.
        probabilities: {decision: (epochs, places, options)}, while searching.
        training_rows: The metrics of every epoch of the child network's training.
        trials: What a search by trials found; None where it was another.
        seeds: The searches that this one was chosen from; () where there was one.
        trade_off: Networks with their accuracy and cost, in the order of their making.
        gradient_shares: {decision: (places, 2)}, the mean norms of the loss's and of the cost's
            gradient with respect to a place's logits, in any unit; {} where the cost took no part.
        target: A sentence about what the network may cost, and whether it does; "" without one.
        target_missed: Whether the network costs more than that.
        choice: How the network was chosen when the search was over; None where it was read off.
        truth: What a table of true accuracies says; None without one.
        warnings: Why results are to be doubted, and what went astray in the search, in the order of
            the epochs.
        config: Every setting of the run; sections may be nested.
        environment: Where it ran.
        dataset: What it learnt from.
        next_commands: What the user may type next.
        presentation: How the family of the space tells of the architecture.
    """

    title: str
    summary: str
    headline: Headline | None = None
    results: tuple[Result, ...]
    mistakes: tuple[Mistake, ...] = ()
    outline: tuple[Stage, ...] = ()
    architecture: Architecture | None
    space: DecisionSpace
    uses: tuple[str, ...] = ()
    search_rows: Sequence[Mapping[str, float]] = ()
    probabilities: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    training_rows: Sequence[Mapping[str, float]] = ()
    trials: Trials | None = None
    seeds: tuple[SeedResult, ...] = ()
    trade_off: tuple[TradeOffPoint, ...] = ()
    gradient_shares: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    target: str = ""
    target_missed: bool = False
    choice: Choice | None = None
    truth: Truth | None = None
    warnings: tuple[Record, ...] = ()
    config: Mapping[str, Any]
    environment: Mapping[str, Any]
    dataset: Mapping[str, Any]
    next_commands: tuple[str, ...] = ()
    presentation: Presentation = DecisionTables()

    def __post_init__(self) -> None:
        if not self.uses:
            names = tuple(decision.name for decision in self.space.decisions)
            object.__setattr__(self, "uses", names)
