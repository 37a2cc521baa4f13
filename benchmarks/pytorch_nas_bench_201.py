# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet of NAS-Bench-201 (arXiv 2001.00326) in plain PyTorch, layer by layer.

For benchmarks/pytorch_yardstick.py, in whose environment it runs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

NODES = 4
OPERATIONS = 5


def relu_conv_bn(
    inputs: int, channels: int, size: int, stride: int = 1, affine: bool = True
) -> nn.Module:
    """[ReLU, convolution, BN]."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(inputs, channels, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(channels, affine=affine),
    )


class MixedEdge(nn.Module):
    """sum_k Z^k O^k(x): none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.operations = nn.ModuleList(
            [
                nn.Identity(),
                relu_conv_bn(channels, channels, 1, affine=False),
                relu_conv_bn(channels, channels, 3, affine=False),
                nn.AvgPool2d(3, 1, 1, count_include_pad=False),
            ]
        )

    def forward(self, node: Tensor, weights: Tensor) -> Tensor:
        """The edge of one node; `none`, the first, adds nothing."""
        return sum(w * op(node) for w, op in zip(weights[1:], self.operations, strict=True))


class Cell(nn.Module):
    """One input, a sum at every node after it, the last of which is the output."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        count = NODES * (NODES - 1) // 2
        self.edges = nn.ModuleList(MixedEdge(channels) for _ in range(count))

    def forward(self, images: Tensor, samples: Tensor) -> Tensor:
        """Images like those that come in."""
        nodes = [images]
        edges = iter(zip(self.edges, samples, strict=True))
        for _ in range(1, NODES):
            # zip stops where the nodes end, before it takes an edge.
            nodes.append(
                sum(edge(node, z) for node, (edge, z) in zip(list(nodes), edges, strict=False))
            )
        return nodes[-1]


class ResidualBlock(nn.Module):
    """Halves the resolution."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.first = relu_conv_bn(inputs, channels, 3, 2)
        self.second = relu_conv_bn(channels, channels, 3)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, channels, 1, bias=False))

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, height / 2, width / 2)."""
        return self.shortcut(images) + self.second(self.first(images))


class Supernet(nn.Module):
    """Three stages of cells, a residual block between them."""

    def __init__(self, cells_per_stage: int, init_channels: int, num_classes: int = 10) -> None:
        super().__init__()
        channels = init_channels
        self.stem = nn.Sequential(
            nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )
        self.blocks = nn.ModuleList()
        for stage in range(3):
            if stage:
                self.blocks.append(ResidualBlock(channels, 2 * channels))
                channels *= 2
            self.blocks.extend(Cell(channels) for _ in range(cells_per_stage))
        self.last = nn.BatchNorm2d(channels)
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, images: Tensor, samples: dict[bool, Tensor]) -> Tensor:
        """Logits; the one kind of cell has its samples at False."""
        images = self.stem(images)
        for block in self.blocks:
            if isinstance(block, Cell):
                images = block(images, samples[False])
            else:
                images = block(images)
        return self.classifier(functional.relu(self.last(images)).mean((2, 3)))


def logits(device: str) -> list[nn.Parameter]:
    """Those of the one kind of cell."""
    count = NODES * (NODES - 1) // 2
    return [nn.Parameter(torch.zeros((count, OPERATIONS), device=device))]
