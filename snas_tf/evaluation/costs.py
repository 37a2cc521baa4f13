# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network costs, as named metrics of a trial: counted, measured here, or estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import keras

from snas_tf.errors import InvalidInput
from snas_tf.networks import network_milliseconds, traced_cost

PICOJOULES_A_MULTIPLY_ADD = 4.6
"""A 32-bit multiplication, 3.7, and an addition, 0.9, in 45 nm (Horowitz, ISSCC 2014)."""

PICOJOULES_A_BYTE = 160.0
"""640 for 32 bits to or from memory outside the chip (Han et al., NIPS 2015, by that source)."""

_NUMBER = 4
"""Bytes of a float32."""

_REPETITIONS = 20


def measure(network: keras.Model, names: Iterable[str]) -> dict[str, float]:
    """Costs of a network for one example, in inference mode.

    Args:
        network: A built model with one input.
        names: Some of `NAMES`: "parameters", trainable weights; "multiply_adds" and
            "peak_activation_bytes", see `traced_cost`; "latency_ms", milliseconds of one example on
            this device, measured; "energy_estimate", see that function.

    Returns:
        {name: cost}, in the order of `names`.

    Raises:
        InvalidInput: A name is unknown.
    """
    wanted = tuple(names)
    check(wanted)
    return {name: float(_COSTS[name](network)) for name in wanted}


def check(names: Iterable[str]) -> None:
    """Checks that there are costs of these names.

    Raises:
        InvalidInput: There is one that is not.
    """
    for name in names:
        if name not in _COSTS:
            raise InvalidInput(f"a cost must be one of {', '.join(NAMES)}: given {name!r}")


def parameters(network: keras.Model) -> int:
    """The number of trainable weights."""
    return sum(weight.shape.num_elements() for weight in network.trainable_weights)


def energy_estimate(network: keras.Model) -> float:
    """Microjoules that a network may take for one example: an estimate, of no device in particular.

    It is linear: a multiply-add costs 4.6 pJ, and a byte that comes from memory outside the chip
    160 pJ, where every weight comes once and so many activations as are held at once at most. Real
    chips differ by more than a factor of ten; what it is for is to weigh arithmetic against memory.

    Args:
        network: A built model with one input.
    """
    weights = _NUMBER * parameters(network)
    moved = weights + traced_cost.peak_activation_bytes(network)
    picojoules = (
        PICOJOULES_A_MULTIPLY_ADD * traced_cost.multiply_adds(network) + PICOJOULES_A_BYTE * moved
    )
    return picojoules * 1e-6


def _latency(network: keras.Model) -> float:
    return network_milliseconds(network, 1, _REPETITIONS)


_COSTS: Mapping[str, Callable[[keras.Model], float]] = {
    "parameters": parameters,
    "multiply_adds": traced_cost.multiply_adds,
    "peak_activation_bytes": traced_cost.peak_activation_bytes,
    "latency_ms": _latency,
    "energy_estimate": energy_estimate,
}
NAMES = tuple(_COSTS)
"""All costs, in the order in which they are told."""
