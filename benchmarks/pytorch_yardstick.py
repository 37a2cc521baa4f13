# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search step of SNAS in plain PyTorch: the yardstick of benchmarks/search_step.py.

It runs in an environment of its own, with PyTorch and without TensorFlow; snas_tf does not know it:

    python -m venv torch_environment
    torch_environment/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu
    torch_environment/bin/python benchmarks/pytorch_yardstick.py small

The same network, layer by layer as one writes it in PyTorch, in the memory layout that is quickest
there (channels_last), with one backward pass a step, SGD for the weights and Adam for the logits.
"""

from __future__ import annotations

import os
import sys

import pytorch_nas_bench_201
import torch
import torch.nn.functional as functional
from timed_process import PRIMITIVES, WITH_NAS_BENCH_201, now, serve
from torch import Tensor, nn

NODES = 4


class ReLUConvBN(nn.Sequential):
    """[ReLU, 1x1 convolution, BN]."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(inputs, channels, 1, bias=False),
            nn.BatchNorm2d(channels, affine=False),
        )


class FactorizedReduction(nn.Module):
    """Halves the resolution by two 1x1 convolutions of stride 2, a pixel apart."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, channels // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, channels // 2, 1, 2, bias=False)
        self.normalization = nn.BatchNorm2d(channels, affine=False)

    def forward(self, images: Tensor) -> Tensor:
        """Both halves, concatenated."""
        images = functional.relu(images)
        halves = [self.even(images), self.odd(images[:, :, 1:, 1:])]
        return self.normalization(torch.cat(halves, 1))


def convolution(channels: int, size: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    """[ReLU, depthwise, pointwise, BN]."""
    padding = dilation * (size // 2)
    return [
        nn.ReLU(),
        nn.Conv2d(channels, channels, size, stride, padding, dilation, channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels, affine=False),
    ]


def operation(name: str, channels: int, stride: int) -> nn.Module:
    """A candidate operation; `none` has no module."""
    size = int(name[-1]) if name[-1].isdigit() else 0
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduction(channels, channels)
    if name == "max_pool_3x3":
        layers = [nn.MaxPool2d(3, stride, 1), nn.BatchNorm2d(channels, affine=False)]
    elif name == "avg_pool_3x3":
        pool = nn.AvgPool2d(3, stride, 1, count_include_pad=False)
        layers = [pool, nn.BatchNorm2d(channels, affine=False)]
    elif name.startswith("sep_conv"):
        layers = [*convolution(channels, size, stride), *convolution(channels, size, 1)]
    else:
        layers = convolution(channels, size, stride, dilation=2)
    return nn.Sequential(*layers)


class MixedEdge(nn.Module):
    """sum_k Z^k O^k(x)."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.operations = nn.ModuleList(
            operation(name, channels, stride) for name in PRIMITIVES if name != "none"
        )

    def forward(self, node: Tensor, weights: Tensor) -> Tensor:
        """The edge of one node."""
        return sum(w * op(node) for w, op in zip(weights[1:], self.operations, strict=True))


class Cell(nn.Module):
    """Two inputs, four nodes, their concatenation."""

    def __init__(self, inputs: tuple[int, int], channels: int, reduced: bool, halves: bool) -> None:
        super().__init__()
        first = FactorizedReduction if halves else ReLUConvBN
        self.before = first(inputs[0], channels)
        self.last = ReLUConvBN(inputs[1], channels)
        self.reduced = reduced
        self.edges = nn.ModuleList(
            MixedEdge(channels, 2 if reduced and source < 2 else 1)
            for node in range(NODES)
            for source in range(2 + node)
        )

    def forward(self, before: Tensor, last: Tensor, samples: Tensor) -> Tensor:
        """(batch, 4 * channels, height, width)."""
        nodes = [self.before(before), self.last(last)]
        edges = iter(zip(self.edges, samples, strict=True))
        for _ in range(NODES):
            # zip stops where the nodes end, before it takes an edge.
            nodes.append(
                sum(edge(node, z) for node, (edge, z) in zip(list(nodes), edges, strict=False))
            )
        return torch.cat(nodes[2:], 1)


class Supernet(nn.Module):
    """The cells at 1/3 and 2/3 of the depth halve the resolution and double the channels."""

    def __init__(self, num_cells: int, init_channels: int, num_classes: int = 10) -> None:
        super().__init__()
        width = 3 * init_channels
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        self.cells = nn.ModuleList()
        inputs, channels, halved = (width, width), init_channels, False
        for position in range(num_cells):
            reduced = position in (num_cells // 3, 2 * num_cells // 3)
            channels *= 2 if reduced else 1
            self.cells.append(Cell(inputs, channels, reduced, halved))
            inputs, halved = (inputs[1], NODES * channels), reduced
        self.classifier = nn.Linear(inputs[1], num_classes)

    def forward(self, images: Tensor, samples: dict[bool, Tensor]) -> Tensor:
        """Logits; samples by whether a cell is a reduction cell, which as a number is 0 or 1."""
        before = last = self.stem(images)
        for cell in self.cells:
            before, last = last, cell(before, last, samples[cell.reduced])
        return self.classifier(last.mean((2, 3)))


class Step:
    """A search step: one draw of Z, one backward pass, both updates.

    Args:
        setting: A value of `WITH_NAS_BENCH_201`.
        device: Where it runs.
        layout: Memory format of the images and the network.
        autocast: The dtype of products under autocast, or None for no autocast.
        compile_mode: Mode of `torch.compile` for the network; empty: it is not compiled.
    """

    def __init__(
        self,
        setting: dict[str, int],
        device: str = "cpu",
        layout: torch.memory_format = torch.channels_last,
        autocast: torch.dtype | None = None,
        compile_mode: str = "",
    ) -> None:
        torch.manual_seed(0)
        # It would wait for the device in every step.
        torch.distributions.Distribution.set_default_validate_args(False)
        on_gpu = device != "cpu"
        if "cells_per_stage" in setting:
            stages = setting["cells_per_stage"], setting["init_channels"]
            self.network = pytorch_nas_bench_201.Supernet(*stages)
            self.logits = pytorch_nas_bench_201.logits(device)
        else:
            self.network = Supernet(setting["num_cells"], setting["init_channels"])
            num_edges = sum(2 + node for node in range(NODES))
            shape = (num_edges, len(PRIMITIVES))
            self.logits = [nn.Parameter(torch.zeros(shape, device=device)) for _ in range(2)]
        self.network = self.network.to(device, memory_format=layout)
        if compile_mode:
            self._forward = torch.compile(self.network, mode=compile_mode)
        else:
            self._forward = self.network
        self._sgd = torch.optim.SGD(
            self.network.parameters(), 0.05, momentum=0.9, weight_decay=3e-4
        )
        self._adam = torch.optim.Adam(self.logits, 0.05, betas=(0.5, 0.999), capturable=on_gpu)
        self._autocast = torch.autocast(device, autocast, enabled=autocast is not None)
        side, batch = setting["side"], setting["batch_size"]
        images = torch.randn(batch, 3, side, side)
        self._images = images.to(device, memory_format=layout)
        self._labels = (torch.arange(batch) % 10).to(device)

    def __call__(self) -> Tensor:
        """Runs a step.

        Returns:
            The loss, on the device.
        """
        distributions = [
            torch.distributions.RelaxedOneHotCategorical(
                torch.ones_like(logits[0, 0]), logits=logits
            )
            for logits in self.logits
        ]
        samples = [distribution.rsample() for distribution in distributions]
        with self._autocast:
            answers = self._forward(self._images, dict(enumerate(samples)))
            loss = functional.cross_entropy(answers, self._labels)
        self._sgd.zero_grad()
        self._adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        nn.utils.clip_grad_norm_(self.logits, 10.0)
        self._sgd.step()
        self._adam.step()
        return loss.detach()

    @property
    def parameters(self) -> int:
        """Numbers that the network learns."""
        return sum(parameter.numel() for parameter in self.network.parameters())


def main() -> None:
    setting = WITH_NAS_BENCH_201[sys.argv[1]]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    step = Step(setting)

    def block(steps: int) -> list[tuple[float, float]]:
        return [now(), *((step().item(), now())[1] for _ in range(steps))]

    serve(block, setting["steps"], parameters=step.parameters, version=torch.__version__)


if __name__ == "__main__":
    main()
