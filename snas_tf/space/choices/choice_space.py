# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of all ways to decide what the open layers of a model leave open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from snas_tf.errors import InvalidInput
from snas_tf.space.decision import Decision
from snas_tf.space.product_space import ProductSpace


def choice_space(layers: Iterable[tuple[str, str | None, Sequence[str]]]) -> ProductSpace:
    """The space of some open layers: a decision each, or one for all that share its name.

    Args:
        layers: (name of the layer, name of the decision that it shares or None, options) of each.

    Returns:
        The space, in the order of the layers. A decision has one place, of its own name.

    Raises:
        InvalidInput: There is no layer; layers that share a decision have other options; or two
            have one name, and none said that they share it.
    """
    options: dict[str, tuple[str, ...]] = {}
    shared: dict[str, str | None] = {}
    for name, given, names in layers:
        decision = given or name
        if decision not in options:
            options[decision], shared[decision] = tuple(names), given
            continue
        if given is None or shared[decision] is None:
            raise InvalidInput(
                f"open layers must have different names: given two of {decision!r}; do name one "
                f"anew, or give both decision={decision!r} if they shall decide together"
            )
        if options[decision] != tuple(names):
            raise InvalidInput(
                f"layers that share the decision {decision!r} must have the same options: given "
                f"{', '.join(options[decision])} and {', '.join(names)} (of {name!r})"
            )
    if not options:
        raise InvalidInput(
            "the model must hold a layer that leaves something open, such as a snas_tf.Choice: "
            "given none"
        )
    return ProductSpace([Decision(name, [name], names) for name, names in options.items()])
