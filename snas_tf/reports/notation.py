# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How nodes, counts and accuracies are written in every report."""

from __future__ import annotations

from snas_tf import space

OUTPUT = "c_k"
"""Name of a cell's output."""

_INPUTS = ("c_{k-2}", "c_{k-1}")


def node_name(node: int, num_inputs: int = 2) -> str:
    """The name of a node: its number, as in the genotype, whose first nodes are the inputs.

    Args:
        node: The node as `space.Edge` and the names of layers count it.
        num_inputs: Number of inputs of the cell.

    Returns:
        "c_{k-2}" and "c_{k-1}" for two inputs, "c_{k-1}" for one, "2" for a later node.
    """
    return _INPUTS[-num_inputs:][node] if node < num_inputs else str(node)


def math_name(node: int, num_inputs: int = 2) -> str:
    """The name of a node as matplotlib typesets it, without spaces around the minus sign."""
    name = node_name(node, num_inputs)
    return f"${name.replace('-', '{-}')}$" if node < num_inputs else name


def from_node(node: int, num_inputs: int) -> str:
    """Where an edge comes from, typeset: an input, or "node 2"."""
    return f"from {'' if node < num_inputs else 'node '}{math_name(node, num_inputs)}"


def arrivals(genotype: space.Genotype, kind: str) -> dict[int, tuple[space.Connection, ...]]:
    """What every intermediate node adds up.

    Args:
        genotype: The architecture.
        kind: A kind of cell that it has, such as "normal".

    Returns:
        {node: its connections}, without any for a node that contributes zeros.
    """
    connections = genotype.connections(kind)
    return {
        node: tuple(connection for connection in connections if connection.node == node)
        for node in range(genotype.num_inputs, genotype.num_inputs + genotype.num_nodes)
    }


def equations(genotype: space.Genotype, kind: str) -> list[str]:
    """A cell as one equation a node.

    Args:
        genotype: The architecture.
        kind: A kind of cell that it has, such as "normal".

    Returns:
        Such as "node 3 = skip_connect(c_{k-2}) + dil_conv_3x3(2)".
    """
    lines = []
    for node, connections in arrivals(genotype, kind).items():
        terms = [
            f"{operation}({node_name(source, genotype.num_inputs)})"
            for source, _, operation in connections
        ]
        lines.append(f"node {node} = {' + '.join(terms) or 'zeros (no inputs)'}")
    return lines


def count(value: float) -> str:
    """A large number to be read: 43,210, then 2.85 M, then 1.20 G."""
    if value < 1e6:
        return f"{value:,.0f}"
    return f"{value / 1e6:,.2f} M" if value < 1e9 else f"{value / 1e9:,.2f} G"


def count_deviation(deviation: float, value: float) -> str:
    """The deviation of a large number in the unit that `count` gives the number itself."""
    unit, name = (1, "") if value < 1e6 else (1e6, " M") if value < 1e9 else (1e9, " G")
    return f"{deviation / unit:,.{0 if unit == 1 else 2}f}{name}"


def percent(fraction: float, digits: int = 2) -> str:
    """A fraction in percent, such as 97.15 %.

    Args:
        fraction: The fraction, 1 for all.
        digits: How many there are behind the point.
    """
    return f"{fraction:.{digits}%}".replace("%", " %")


def milliseconds(value: float) -> str:
    """A time to about three figures, such as 0.512 ms, 1.23 ms, 45.6 ms."""
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} ms"


def words(metric: str) -> str:
    """The name of a metric for people: "latency_ms" is "latency", "multiply_adds" multiply-adds."""
    plain = metric.removesuffix("_ms").replace("multiply_adds", "multiply-adds")
    return plain.replace("_", " ")


def metric(name: str, value: float) -> str:
    """A metric as people read it.

    Args:
        name: Its name, which tells its unit: an accuracy in [0, 1] is a part, and is told in
            percent; what ends in "_ms" is milliseconds, and in "_bytes" bytes.
        value: Its value.
    """
    if "accuracy" in name:
        return percent(value) if 0 <= value <= 1 else f"{value:.2f}"
    if name.endswith("_ms"):
        return milliseconds(value)
    return count(value) if abs(value) >= 1000 else f"{value:.4g}"
