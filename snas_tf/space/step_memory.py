# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The memory of a training step, as an estimate of any space tells it."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StepMemory:
    """The memory of a training step on one device, in bytes.

    Attributes:
        weights: The trained weights and the running statistics of batch normalisation.
        optimizer_state: One number a trained weight, as SGD with momentum has.
        gradients: One number a trained weight.
        activations: What the forward pass keeps for the backward pass.
        workspace: The most that comes and goes besides; with rematerialisation one cell's
            activations are in it.
        graph: What the program of the step takes on the host, in its memory and not the device's
            where they differ; no part of `total`.
    """

    weights: int
    optimizer_state: int
    gradients: int
    activations: int
    workspace: int
    graph: int

    @property
    def total(self) -> int:
        """All that the tensors take."""
        tensors = self.weights + self.optimizer_state + self.gradients
        return tensors + self.activations + self.workspace
