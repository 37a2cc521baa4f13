# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""NASWOT as its authors released it, in plain PyTorch: the yardstick of benchmarks/naswot.py.

It runs in an environment of its own, with PyTorch and without TensorFlow; see pytorch_yardstick.py.
Given a file of images, it answers every cell string on its standard input with a line of JSON.

A first forward and backward pass marks the ReLUs that a gradient reaches; in a second forward pass
each of them adds to the kernel, from which follows the score. The network has one output.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from pytorch_nas_bench_201 import NODES, ResidualBlock, relu_conv_bn
from torch import Tensor, nn

CHANNELS, CELLS_PER_STAGE, STAGES = 16, 5, 3


def operation(name: str, channels: int) -> nn.Module | None:
    """A candidate operation; `none` has no module."""
    match name:
        case "none":
            return None
        case "skip_connect":
            return nn.Identity()
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    return relu_conv_bn(channels, channels, int(name[-1]))


class Cell(nn.Module):
    """The one operation of every edge."""

    def __init__(self, names: list[str], channels: int) -> None:
        super().__init__()
        found = [operation(name, channels) for name in names]
        self.is_none = [each is None for each in found]
        self.operations = nn.ModuleList(each or nn.Identity() for each in found)

    def forward(self, images: Tensor) -> Tensor:
        """Images like those that come in; `none` is multiplied by zero, as by the authors."""
        nodes, edges = [images], iter(zip(self.operations, self.is_none, strict=True))
        for _ in range(1, NODES):
            arriving = []
            for node in nodes:
                module, is_none = next(edges)
                arriving.append(node * 0.0 if is_none else module(node))
            nodes.append(sum(arriving))
        return nodes[-1]


class Network(nn.Module):
    """The whole network of a cell."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        channels = CHANNELS
        layers = [nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)]
        for stage in range(STAGES):
            if stage:
                layers.append(ResidualBlock(channels, 2 * channels))
                channels *= 2
            layers += [Cell(names, channels) for _ in range(CELLS_PER_STAGE)]
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(batch, 1)."""
        return self.classifier(self.features(images).mean((2, 3)))


def rectifiers(network: nn.Module) -> Iterator[nn.Module]:
    """All ReLUs."""
    return (module for module in network.modules() if isinstance(module, nn.ReLU))


def score(names: list[str], images: Tensor) -> float:
    """log |det K| of a network with fresh weights."""
    network, kernel = Network(names), np.zeros((len(images), len(images)))

    def add(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal kernel
        if getattr(module, "reached", False):
            on = (inputs[0].reshape(len(images), -1) > 0).float()
            off = 1.0 - on
            kernel = kernel + (on @ on.t()).numpy() + (off @ off.t()).numpy()

    def reach(module: nn.Module, gradients_in: object, gradients_out: object) -> None:
        module.reached = True

    for module in rectifiers(network):
        module.register_forward_hook(add)
        module.register_full_backward_hook(reach)
    watched = images.clone().requires_grad_(True)
    answer = network(watched)
    answer.backward(torch.ones_like(answer))
    with torch.no_grad():
        network(images)
    return float(np.linalg.slogdet(kernel)[1])


def main(path: str, threads: int) -> None:
    """Answers until the standard input ends."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    images = torch.from_numpy(np.load(path).transpose(0, 3, 1, 2).copy())
    for line in sys.stdin:
        start = time.perf_counter(), time.process_time()
        found = score(re.findall(r"(\w+)~", line), images)
        taken = time.perf_counter() - start[0], time.process_time() - start[1]
        answer = {"score": found, "seconds": taken[0], "core_seconds": taken[1]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
