# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet of benchmarks/graph_step.py in plain PyTorch, place by place and operation by
operation, as one writes it there: messages are gathered by an index and added up by `index_add`.

It takes the weights that the other side kept, and refuses to go on if its loss or its gradient of Z
are others. It runs in an environment with PyTorch and without TensorFlow.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
import torch.nn.functional as functional
from timed_process import now, serve
from torch import Tensor

Weights = dict[str, Tensor]

ENTITY = ("none", "identity", "mean", "sum", "max")
EDGE = ("none", "identity", "cat", "gru", "film")


def leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


def norm(x: Tensor, scale: Tensor | None = None, shift: Tensor | None = None) -> Tensor:
    return functional.batch_norm(x, None, None, scale, shift, training=True, eps=1e-5)


def linear(x: Tensor, w: Weights, name: str) -> Tensor:
    product = x @ w[name]
    return product + w[f"{name}_bias"] if f"{name}_bias" in w else product


class Graph:
    """The edges of a batch, in which nodes are numbered through."""

    def __init__(self, inputs: dict[str, Tensor]) -> None:
        graphs, nodes = inputs["nodes"].shape[:2]
        starts = torch.arange(graphs)[:, None] * nodes
        self.graphs, self.count = graphs, graphs * nodes
        self.sources = (inputs["sources"].long() + starts).reshape(-1)
        self.targets = (inputs["targets"].long() + starts).reshape(-1)
        ones = torch.ones(len(self.targets))
        degrees = torch.zeros(self.count).index_add(0, self.targets, ones)
        self.degrees = degrees.clamp(min=1)[:, None]
        self.owner_of_node = torch.arange(graphs).repeat_interleave(nodes)
        self.owner_of_edge = torch.arange(graphs).repeat_interleave(inputs["edges"].shape[1])


def added(rows: Tensor, places: Tensor, count: int) -> Tensor:
    return torch.zeros(count, rows.shape[1]).index_add(0, places, rows)


def greatest(rows: Tensor, places: Tensor, count: int) -> Tensor:
    index = places[:, None].expand_as(rows)
    empty = torch.zeros(count, rows.shape[1])
    return empty.scatter_reduce(0, index, rows, "amax", include_self=False)


def entity(name: str, v: Tensor, e: Tensor, g: Graph, w: Weights) -> Tensor:
    messages = linear(leaky(linear(leaky(v), w, "first")), w, "second")[g.sources]
    gate, shift = linear(leaky(linear(e, w, "edge")), w, "gate").chunk(2, 1)
    messages = torch.sigmoid(gate) * messages + shift
    if name == "max":
        found = greatest(messages, g.targets, g.count)
    else:
        found = added(messages, g.targets, g.count)
        found = found / g.degrees if name == "mean" else found
    return norm(found @ w["output"])


def edge(name: str, v: Tensor, e: Tensor, g: Graph, w: Weights) -> Tensor:
    ends = torch.cat([v[g.sources], v[g.targets]], 1)
    r = leaky(ends @ torch.cat([w["source"], w["target"]]) + w["source_bias"])
    if name == "film":
        gate, shift = linear(r, w, "gate").chunk(2, 1)
        found = torch.sigmoid(gate) * e + shift
    elif name == "cat":
        found = leaky(linear(r, w, "pair") + e @ w["state"])
    else:
        of_pair, of_state = linear(r, w, "pair").chunk(3, 1), (e @ w["state"]).chunk(3, 1)
        update, reset = (
            torch.sigmoid(a + b) for a, b in zip(of_pair[:2], of_state[:2], strict=True)
        )
        candidate = torch.tanh(of_pair[2] + reset * (of_state[2] + w["candidate_bias"]))
        found = update * e + (1 - update) * candidate
    return norm(found @ w["output"])


def ended(joined: Tensor, w: Weights) -> Tensor:
    hidden = joined @ w["kernel"][0]
    return leaky(norm(hidden, w["normalization/gamma"][0], w["normalization/beta"][0]))


def within(weights: Weights, place: str) -> Weights:
    return {k.removeprefix(place): w for k, w in weights.items() if k.startswith(place)}


def forward(inputs: dict[str, Tensor], weights: Weights, rows: Weights, g: Graph) -> Tensor:
    """Logits (graphs, classes) of the supernet of one layer and one state."""
    states = []
    for name, chain in (("nodes", "entity"), ("edges", "edge")):
        w = within(weights, f"{chain}_features/")
        states.append(inputs[name].flatten(0, 1) @ w["kernel"] + w["bias"])
    parts = []
    for chain, names, operation, owner in (
        ("entity", ENTITY, entity, g.owner_of_node),
        ("edge", EDGE, edge, g.owner_of_edge),
    ):
        state = states[chain == "edge"]
        total = 0.0
        for source in range(2):  # both are what the features gave
            z = rows[f"layer_1_{chain}"][source]
            total = total + z[1] * state
            for k, name in enumerate(names[2:], start=2):
                w = within(weights, f"layer_1/{chain}_{source}/{name}/")
                w = {key: value[0] for key, value in w.items()}
                total = total + z[k] * operation(name, *states, g, w)
        last = ended(
            leaky(torch.cat([state, state, total], 1)), within(weights, f"layer_1/{chain}_end/")
        )
        counts = torch.bincount(owner, minlength=g.graphs)[:, None]
        parts += [added(last, owner, g.graphs) / counts, greatest(last, owner, g.graphs)]
    w = within(weights, "head/")
    return ended(torch.cat(parts, 1), w) @ w["last"] + w["bias"]


def check(state: dict[str, np.ndarray], loss: Tensor, rows: Weights) -> None:
    """Loss and gradient of Z must be those of the other side."""
    np.testing.assert_allclose(loss.item(), state["loss"], rtol=1e-4)
    for name, value in rows.items():
        wanted = state[f"gradient.{name}"]
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(value.grad / scale, wanted / scale, atol=2e-3)


def main() -> None:
    state = dict(np.load(sys.argv[1]))
    groups = {
        kind: {
            key.partition(".")[2]: torch.tensor(value)
            for key, value in state.items()
            if key.startswith(f"{kind}.")
        }
        for kind in ("input", "weight", "row")
    }
    inputs, weights, rows = groups.values()
    labels, g = torch.tensor(state["labels"]), Graph(inputs)
    for value in (*weights.values(), *rows.values()):
        value.requires_grad_()
    loss = functional.cross_entropy(forward(inputs, weights, rows, g), labels)
    loss.backward()
    check(state, loss, rows)
    logits = {name: torch.zeros_like(value, requires_grad=True) for name, value in rows.items()}
    optimizers = (
        torch.optim.SGD(weights.values(), 0.05, momentum=0.9),
        torch.optim.Adam(logits.values(), 0.05, betas=(0.5, 0.999)),
    )

    def block(steps: int) -> list[tuple[float, float]]:
        moments = [now()]
        for _ in range(steps):
            for optimizer in optimizers:
                optimizer.zero_grad()
            drawn = {
                name: functional.gumbel_softmax(value, tau=1.0) for name, value in logits.items()
            }
            loss = functional.cross_entropy(forward(inputs, weights, drawn, g), labels)
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            loss.item()
            moments.append(now())
        return moments

    serve(block, int(sys.argv[2]))


if __name__ == "__main__":
    main()
