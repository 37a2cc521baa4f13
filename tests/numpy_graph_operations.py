# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The operations of graph cells in NumPy, edge by edge, before the batch normalisation."""

import numpy as np


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def entity_operation(name, entities, edges, sources, targets, weights):
    """What an aggregation gives before its linear map, (n, width); weights are of one place."""
    found = np.zeros_like(entities)
    for node in range(len(entities)):
        messages = []
        for k in np.flatnonzero(targets == node):
            hidden = leaky(entities[sources[k]]) @ weights["first"] + weights["first_bias"][0]
            message = leaky(hidden) @ weights["second"] + weights["second_bias"][0]
            if edges is not None:
                hidden = leaky(edges[k] @ weights["edge"] + weights["edge_bias"][0])
                gate, shift = np.split(hidden @ weights["gate"] + weights["gate_bias"][0], 2)
                message = sigmoid(gate) * message + shift
            messages.append(message)
        if messages:
            found[node] = aggregate(name, np.array(messages))
    return found


def aggregate(name, messages):
    if name.startswith("gem"):
        power = int(name[3:])
        return np.mean(np.maximum(messages, 1e-5) ** power, axis=0) ** (1 / power)
    if name == "std":
        return np.sqrt(messages.var(axis=0) + 1e-5)
    return getattr(np, name)(messages, axis=0)


PAIRS = {
    "difference": lambda u, w: abs(u - w),
    "gaussian": lambda u, w: np.exp(-((u - w) ** 2) / 2),
    "max": np.maximum,
    "sum": np.add,
    "mean": lambda u, w: (u + w) / 2,
    "product": np.multiply,
}


def edge_operation(name, entities, edges, sources, targets, weights):
    """What an edge operation gives before its linear map, (m, edge width)."""
    return np.array(
        [
            _edge(name, entities[source], entities[target], state, weights)
            for source, target, state in zip(sources, targets, edges, strict=True)
        ]
    )


def _edge(name, u, w, state, weights):
    if name.startswith("pair_"):
        phi = PAIRS[name.removeprefix("pair_")](u, w)
        return _modulated(leaky(phi @ weights["pair"] + weights["pair_bias"][0]), state, weights)
    r = leaky(u @ weights["source"] + weights["source_bias"][0] + w @ weights["target"])
    if name == "film":
        return _modulated(r, state, weights)
    of_pair, of_state = r @ weights["pair"] + weights["pair_bias"][0], state @ weights["state"]
    if name == "cat":
        return leaky(of_pair + of_state)
    (a, b, c), (d, e, f) = np.split(of_pair, 3), np.split(of_state, 3)
    update, reset = sigmoid(a + d), sigmoid(b + e)
    candidate = np.tanh(c + reset * (f + weights["candidate_bias"][0]))
    return update * state + (1 - update) * candidate


def _modulated(hidden, state, weights):
    gate, shift = np.split(hidden @ weights["gate"] + weights["gate_bias"][0], 2)
    return sigmoid(gate) * state + shift


def batch_norm(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
