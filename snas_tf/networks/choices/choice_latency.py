# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How long the networks in a model that leaves something open take on this device.

Whole networks are timed: one with all first options, and for every other option one that differs
from it in that alone. So whatever may be open is measured alike, a layer, a width or a way, with
all that follows from it. That a network takes the sum of what its options take is an assumption:
the table tells one option from another, and predicts a network less well the more they depend on
each other, as the widths before and after a convolution do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks.choices.choice_supernet import ChoiceSupernet
from snas_tf.networks.timing import (
    Call,
    circumstances,
    compiled,
    milliseconds,
    rounded,
    undisturbed,
)
from snas_tf.space import CostTable, Selection
from snas_tf.space.choices.option_latencies import OptionLatencies

Progress = Callable[[int, int], None]


def costs_with_latency(
    network: ChoiceSupernet,
    batch_size: int = 1,
    repetitions: int = 30,
    progress: Progress | None = None,
) -> CostTable:
    """The costs of a network's options, with "latency", the milliseconds that they take here.

    Args:
        network: A model that leaves something open, of known shapes.
        batch_size: Examples that a network answers at once, positive.
        repetitions: How often each network is timed, positive.
        progress: Called with (rounds done, rounds in all).

    Returns:
        `network.costs` with one cost more, in inference mode.

    Raises:
        InvalidInput: A number is not positive, or a shape is not known.
    """
    table, _ = measure_options(network, (), batch_size, repetitions, progress)
    return with_cost(network.costs, "latency", table.fixed, table.added(network.space))


def measure_options(
    network: ChoiceSupernet,
    others: Sequence[keras.Model],
    batch_size: int,
    repetitions: int,
    progress: Progress | None = None,
) -> tuple[OptionLatencies, list[float]]:
    """Times every option, and whole networks in the same turns: a busy minute slows all alike.

    A network that was measured takes what the table says of it; see above for others.

    Args:
        network: As for `costs_with_latency`.
        others: Further networks that take what it takes.
        batch_size: Likewise.
        repetitions: Likewise.
        progress: Likewise.

    Returns:
        The table, and the milliseconds of a call of every further network.

    Raises:
        InvalidInput: As `costs_with_latency`.
    """
    for name, number in (("batch_size", batch_size), ("repetitions", repetitions)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {number!r}")
    own = [network.child(one) for one in _one_apart(network)]
    calls = [_call(one, batch_size) for one in (*own, *others)]
    samples = []
    for done in range(repetitions):
        samples.append([milliseconds(*call) for call in calls])
        if progress is not None:
            progress(done + 1, repetitions)
    times = undisturbed(samples)
    options = {decision.name: len(decision.options) for decision in network.space.decisions}
    fixed, added = latency_table(times[: len(own)], options)
    table = OptionLatencies(
        **circumstances(batch_size, repetitions),
        fixed=rounded(fixed),
        milliseconds={
            (decision.name, option): rounded(time)
            for decision in network.space.decisions
            for option, time in zip(decision.options, added[decision.name], strict=True)
        },
    )
    return table, times[len(own) :].tolist()


def with_cost(
    costs: CostTable, name: str, fixed: float, added: Mapping[str, np.ndarray]
) -> CostTable:
    """A table with one cost more.

    Args:
        costs: The table, of decisions of one place.
        name: The cost.
        fixed: What all networks have of it.
        added: {decision: (options,)}, what options add.
    """

    def wider(table: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.concatenate([table, values.reshape((*table.shape[:-1], 1))], axis=-1)

    return CostTable(
        (*costs.names, name),
        np.append(costs.fixed, fixed),
        {each: wider(table, added[each]) for each, table in costs.tables.items()},
        {
            each: (wider(tables, added[each]), counts)
            for each, (tables, counts) in costs.uses.items()
        },
        joint={
            names: wider(table, np.zeros(table.shape[:-1])) for names, table in costs.joint.items()
        },
    )


def latency_table(
    times: np.ndarray, options: Mapping[str, int]
) -> tuple[float, dict[str, np.ndarray]]:
    """What networks take as a sum over decisions.

    Args:
        times: float (1 + sum over decisions of (options - 1),): that of all first options, then
            those with another option, decision by decision.
        options: {decision: number of its options}.

    Returns:
        What all networks take at least, and {decision: float64 (options,)}, how much longer each
        option takes than the quickest of its decision.
    """
    base, *others = np.asarray(times, np.float64)
    rest = iter(others)
    added = {
        name: np.array([0.0, *(next(rest) - base for _ in range(count - 1))])
        for name, count in options.items()
    }
    fixed = base + sum(times.min() for times in added.values())
    return float(fixed), {name: times - times.min() for name, times in added.items()}


def _one_apart(network: ChoiceSupernet) -> Sequence[Selection]:
    """All first options, and what differs from them in one, in the order of `latency_table`."""
    decisions = network.space.decisions
    first = {decision.name: np.eye(len(decision.options))[:1] for decision in decisions}
    return [network.space.decode(first)] + [
        network.space.decode({**first, decision.name: row[None]})
        for decision in decisions
        for row in np.eye(len(decision.options))[1:]
    ]


def _call(child: keras.Model, batch_size: int) -> Call:
    """A network in inference mode, compiled, and noise in place of what it takes."""
    structure = child.input

    def noise(tensor: keras.KerasTensor) -> tf.Tensor:
        if None in tensor.shape[1:]:
            raise InvalidInput(
                f"the shapes that {child.name!r} takes must be known, to measure its latency: "
                f"given {tensor.shape}; do name them in its Input"
            )
        shape = (batch_size, *tensor.shape[1:])
        if tensor.dtype.startswith(("int", "uint", "bool")):
            return tf.zeros(shape, tensor.dtype)
        return tf.random.normal(shape, dtype=tensor.dtype)

    inputs = [noise(tensor) for tensor in keras.tree.flatten(structure)]

    def answers(tensors: Sequence[Any]) -> Sequence[Any]:
        given = keras.tree.pack_sequence_as(structure, list(tensors))
        return keras.tree.flatten(child(given, training=False))

    return compiled(answers, inputs), inputs
