# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the open sizes of a model reach, and what is cut off once they are decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_sizes import open_sizes
from snas_tf.networks.choices.kernel_parts import kernel_parts
from snas_tf.networks.choices.size_rules import (
    Answer,
    Rule,
    answer_of,
    decision_of,
    rule_of,
)
from snas_tf.space.choices.channels import Channels


@dataclasses.dataclass(frozen=True, eq=False)
class Cut:
    """What an architecture leaves of a layer with weights.

    Attributes:
        layer: The layer.
        rule: What it does with channels.
        of_axes: {"in", "inner", "out": the channels}.
        kernel: Where its kernel size is open, the decision and for each option the slices of the
            axes of size.
    """

    layer: Any
    rule: Rule
    of_axes: Mapping[str, Channels]
    kernel: tuple[str, list[tuple[slice, ...]]] | None

    def same(self, other: Cut) -> bool:
        """Whether another call of the layer needs the same weights."""
        alike = all(self.of_axes[axis].same(other.of_axes[axis]) for axis in self.of_axes)
        return alike and self.kernel == other.kernel

    def config(self, chosen: Mapping[str, int]) -> dict[str, Any]:
        """The arguments of the layer that an architecture changes.

        Args:
            chosen: {decision: position of the option}.
        """
        changed: dict[str, Any] = {}
        for argument, sizes in open_sizes(self.layer).items():
            size = sizes.sizes[chosen[decision_of(self.layer, argument, sizes)]]
            changed[argument] = size
        if self.kernel is not None:
            parts = self.kernel[1][chosen[self.kernel[0]]]
            changed["kernel_size"] = tuple(part.stop - part.start for part in parts)
        return changed

    def weights(self, chosen: Mapping[str, int]) -> list[np.ndarray]:
        """The values of the layer's weights that an architecture keeps, in their order."""
        kept = {
            axis: channels.kept(chosen)
            for axis, channels in self.of_axes.items()
            if channels.is_open
        }
        axes = {id(getattr(self.layer, name)): roles for name, roles in self._roles()}
        values = []
        for variable in self.layer.weights:
            value = keras.ops.convert_to_numpy(variable)
            roles = axes.get(id(variable), ())
            for place, role in enumerate(roles):
                if role in kept:
                    value = value.take(kept[role], axis=place - len(roles))
            if self.kernel is not None and variable is self.sized_kernel():
                value = value[self.kernel[1][chosen[self.kernel[0]]]]
            values.append(value)
        return values

    def sized_kernel(self) -> keras.Variable:
        """The kernel whose size is open."""
        return getattr(self.layer, next(iter(self.rule.kernels)))

    def sizes(self, variable: str) -> list[tuple[int, dict[str, np.ndarray]]]:
        """How long the axes of a weight are, each as `Channels.counts` says it.

        Args:
            variable: The attribute.
        """
        roles = dict(self._roles())[variable]
        shape = getattr(self.layer, variable).shape
        lengths = [
            self.of_axes[role].counts() if role in self.of_axes else (length, {})
            for role, length in zip(roles, shape[len(shape) - len(roles) :], strict=True)
        ]
        spatial = shape[: len(shape) - len(roles)]
        if self.kernel is None or variable != next(iter(self.rule.kernels)):
            return [*((length, {}) for length in spatial), *lengths]
        decision, parts = self.kernel
        elements = [np.prod([part.stop - part.start for part in axes]) for axes in parts]
        return [(0, {decision: np.array(elements)}), *lengths]

    def _roles(self) -> list[tuple[str, tuple[str | None, ...]]]:
        named = {**self.rule.kernels, **self.rule.others}
        return [(name, roles) for name, roles in named.items() if self._has(name)]

    def _has(self, name: str) -> bool:
        return isinstance(getattr(self.layer, name, None), keras.Variable)


class SizePlan:
    """What the open sizes of a model mean for each of its layers.

    It follows the channels through the graph, tensor by tensor, as the graph is made.

    Attributes:
        cuts: {id of a layer with weights: what an architecture leaves of it}.
        calls: (cut, shape of the answer) of every call of such a layer.
        models: {id of a model within the model: the channels of its inputs}, of those that open
            widths go through.
    """

    def __init__(self) -> None:
        self.cuts: dict[int, Cut] = {}
        self.calls: list[tuple[Cut, tuple[int | None, ...]]] = []
        self.models: dict[int, list[Channels]] = {}
        self._channels: dict[int, Channels] = {}
        self._tensors: list[Any] = []  # else another tensor could get the id of one that is gone

    def channels(self, tensor: Any) -> Channels:
        """The channels of a tensor, or of an array that stands in its place."""
        length = tensor.shape[-1] if len(tensor.shape) else 1
        return self._channels.get(id(tensor)) or Channels.closed(length or 1)

    def is_open(self, tensor: Any) -> bool:
        """Whether channels of a tensor may be missing."""
        return id(tensor) in self._channels

    def note(self, tensor: Any, channels: Channels) -> None:
        """Remembers the channels of a tensor."""
        if channels.is_open:
            self._channels[id(tensor)] = channels
            self._tensors.append(tensor)

    def enter(self, model: keras.Model, given: list[Channels]) -> None:
        """Remembers with which channels a model within the model is called.

        Raises:
            InvalidInput: It is called with others elsewhere.
        """
        before = self.models.setdefault(id(model), given)
        if not all(a.same(b) for a, b in zip(before, given, strict=True)):
            raise _other_channels(model)

    def answer(self, layer: Any, tensors: Sequence[Any]) -> Answer:
        """What a layer makes of the channels of some tensors; remembers what is cut off it.

        Raises:
            InvalidInput: As `answer_of`; or the layer is called with other channels elsewhere.
        """
        given = [self.channels(tensor) for tensor in tensors]
        shapes = [tuple(tensor.shape) for tensor in tensors]
        answer = answer_of(layer, given, shapes)
        rule = rule_of(layer)
        if rule is not None:
            sizes = open_sizes(layer).get("kernel_size")
            kernel = None
            if sizes is not None:
                decision = decision_of(layer, "kernel_size", sizes)
                kernel = decision, kernel_parts(layer, shapes[0])
            cut = Cut(layer, rule, answer.of_axes, kernel)
            before = self.cuts.setdefault(id(layer), cut)
            if not before.same(cut):
                raise _other_channels(layer)
        return answer

    def called(self, layer: Any, shape: tuple[int | None, ...]) -> None:
        """Remembers a call of a layer that is cut, and the shape of its answer."""
        if id(layer) in self.cuts:
            self.calls.append((self.cuts[id(layer)], shape))


def _other_channels(layer: Any) -> InvalidInput:
    return InvalidInput(
        f"{layer.name!r} is called more than once, and must be given the same open channels each "
        "time: given others; do share the widths before it by `decision`, or take two layers"
    )
