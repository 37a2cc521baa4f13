# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which channels of a tensor there are, where it is open how wide a layer is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np


@dataclasses.dataclass(frozen=True)
class Width:
    """How many of some channels there are: the first so many.

    Attributes:
        decision: What decides it.
        sizes: The number for each option.
    """

    decision: str
    sizes: tuple[int, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Channels:
    """The last axis of a tensor, as the widest network has it.

    Attributes:
        widths: The open widths.
        owner: int (channels,), position of the width that decides whether a channel is there; -1 of
            one that always is.
        place: int (channels,): a channel is there if its place is less than the width.
    """

    widths: tuple[Width, ...]
    owner: np.ndarray
    place: np.ndarray

    @classmethod
    def closed(cls, count: int) -> Channels:
        """So many channels that are always there."""
        return cls((), np.full(count, -1), np.arange(count))

    @classmethod
    def open(cls, width: Width) -> Channels:
        """The channels of a layer whose width is open."""
        most = max(width.sizes)
        return cls((width,), np.zeros(most, int), np.arange(most))

    @classmethod
    def joined(cls, parts: Sequence[Channels]) -> Channels:
        """Those of several tensors, one after the other."""
        widths = tuple(dict.fromkeys(width for part in parts for width in part.widths))
        owners = [part._owner_in(widths) for part in parts]
        return cls(widths, np.concatenate(owners), np.concatenate([p.place for p in parts]))

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def is_open(self) -> bool:
        """Whether one of them may be missing."""
        return bool((self.owner >= 0).any())

    def repeated(self, times: int) -> Channels:
        """Each channel so many times, as a depthwise convolution answers them."""
        return Channels(self.widths, np.repeat(self.owner, times), np.repeat(self.place, times))

    def tiled(self, times: int) -> Channels:
        """All channels so many times, as a tensor that is flattened has them."""
        return Channels(self.widths, np.tile(self.owner, times), np.tile(self.place, times))

    def same(self, other: Channels) -> bool:
        """Whether the same channels are there whatever is decided."""
        if len(self) != len(other):
            return False
        widths = tuple(dict.fromkeys((*self.widths, *other.widths)))
        owners = self._owner_in(widths), other._owner_in(widths)
        open_ = owners[0] >= 0
        places = np.array_equal(self.place[open_], other.place[open_])
        return np.array_equal(*owners) and places

    def always(self) -> np.ndarray:
        """bool (channels,), those that are there whatever is decided."""
        return self.owner < 0

    def table(self, width: Width) -> np.ndarray:
        """bool (options, channels), which of a width's channels each of its options has."""
        of_width = self.owner == self.widths.index(width)
        return of_width & (self.place < np.array(width.sizes)[:, None])

    def kept(self, chosen: Mapping[str, int]) -> np.ndarray:
        """The positions of the channels that are there once all is decided.

        Args:
            chosen: {decision: position of the option}.
        """
        there = self.always()
        for width in self.widths:
            there = there | self.table(width)[chosen[width.decision]]
        return np.flatnonzero(there)

    def counts(self) -> tuple[int, dict[str, np.ndarray]]:
        """How many are always there, and {decision: int (options,)}, how many more."""
        more: dict[str, np.ndarray] = {}
        for width in self.widths:
            count = self.table(width).sum(axis=1)
            more[width.decision] = more.get(width.decision, 0) + count
        return int(self.always().sum()), more

    def _owner_in(self, widths: tuple[Width, ...]) -> np.ndarray:
        places = np.array([*(widths.index(width) for width in self.widths), -1])
        return places[self.owner]
