# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where nodes, edges and labels of a drawn cell lie, so that no label touches anything else.

Nodes stand in columns, left to right: the inputs, the intermediate nodes, the output. An edge to
the next column is a straight line. Every other edge leaves its node upwards or downwards, follows a
lane that it has to itself, and bends into its target. Vertical lines stay within the columns of
boxes and labels between them, on their own edge, hence they never meet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import NamedTuple

from snas_tf import space

Link = tuple[int, int]
Point = tuple[float, float]

BOX_WIDTH, BOX_HEIGHT, INPUT_HEIGHT = 0.72, 0.94, 0.4
_INPUT_OFFSET = (BOX_HEIGHT - INPUT_HEIGHT) / 2
_GAP, _LAST_GAP = 1.4, 0.6  # no label stands before the output
_LANE_HEIGHT, _FIRST_LANE = 0.27, 0.36
_PORT_DISTANCE = 0.15
_MARGIN, _TITLE_HEIGHT = 0.12, 0.3


class Lane(NamedTuple):
    """A height: `side` is 1 above the nodes, -1 below, 0 between; `number` counts outwards."""

    side: int
    number: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The rectangle of a node; lengths in inches.

    Attributes:
        x: Horizontal center.
        y: Vertical center.
        width: Its width.
        height: Its height.
    """

    x: float
    y: float
    width: float
    height: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The line of an edge.

    Attributes:
        points: Its corners, from source to target.
        label: The center of its label.
    """

    points: tuple[Point, ...]
    label: Point


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A placed cell; lengths in inches, the origin halfway up the nodes.

    Attributes:
        boxes: {node: box}; the output is the node after the last.
        routes: {(source, node): route}, those into the output included.
        left: The left border.
        right: The right border.
        bottom: The lower border.
        top: The upper border.
    """

    boxes: dict[int, Box]
    routes: dict[Link, Route]
    left: float
    right: float
    bottom: float
    top: float


def place(
    connections: Iterable[space.Connection],
    num_nodes: int,
    num_inputs: int = 2,
    output: str = "concatenation",
) -> Layout:
    """Lays a cell out.

    Args:
        connections: The connections of the cell.
        num_nodes: Number of its intermediate nodes.
        num_inputs: Number of its inputs, 1 or 2. A single one stands where the second of two would.
        output: What the cell gives, one of `space.OUTPUTS`.

    Returns:
        The layout.
    """
    shift, last = 2 - num_inputs, num_nodes + 2
    lanes = _edge_lanes([(source + shift, node + shift) for source, node, _ in connections])
    lanes |= _output_lanes(lanes, last, all_nodes=output == "concatenation")
    found = _placed(lanes, last)
    if shift:
        inputs = dataclasses.replace(found.boxes[1], y=0.0, height=BOX_HEIGHT)
        found = _placed(lanes, last, {1: inputs})
    return dataclasses.replace(
        found,
        boxes={node - shift: box for node, box in found.boxes.items() if node >= shift},
        routes={(a - shift, b - shift): route for (a, b), route in found.routes.items()},
    )


def _placed(lanes: dict[Link, Lane], output: int, instead: dict[int, Box] | None = None) -> Layout:
    """The layout of two inputs, with other boxes instead of some."""
    ports = {
        (node, side): _ports(lanes, node, side) for node in range(output + 1) for side in (1, -1)
    }
    most = max(len(offsets) for offsets in ports.values())
    boxes = {**_boxes(output, max(BOX_WIDTH, _PORT_DISTANCE * (most + 1))), **(instead or {})}
    routes = {}
    for link, lane in lanes.items():
        routes[link] = _straight(link, boxes) if lane.side == 0 else _bent(link, lane, boxes, ports)
    reach = {side: max((n for s, n in lanes.values() if s == side), default=-1) for side in (1, -1)}
    return Layout(
        boxes=boxes,
        routes=routes,
        left=-boxes[0].width / 2 - _MARGIN,
        right=boxes[output].x + boxes[output].width / 2 + _MARGIN,
        bottom=_height(Lane(-1, reach[-1])) - _MARGIN,
        top=_height(Lane(1, reach[1])) + _MARGIN + _TITLE_HEIGHT,
    )


def _column(node: int) -> int:
    return max(0, node - 1)


def _span(link: Link) -> int:
    return _column(link[1]) - _column(link[0])


def _edge_lanes(links: Iterable[Link]) -> dict[Link, Lane]:
    """Short edges first, which keeps them near; a lane is taken again where it is free."""
    lanes: dict[Link, Lane] = {}
    for link in sorted(links, key=lambda link: (_span(link), link)):
        if _span(link) == 1:
            lanes[link] = Lane(0, 0)
        elif link[0] < 2:
            lanes[link] = _free_lane(link, lanes, 1 if link[0] == 0 else -1)
        else:
            above, below = (_free_lane(link, lanes, side) for side in (1, -1))
            used = [lane.side for lane in lanes.values()]
            lanes[link] = min((above, below), key=lambda lane: (lane.number, used.count(lane.side)))
    return lanes


def _free_lane(link: Link, lanes: dict[Link, Lane], side: int) -> Lane:
    start, end = map(_column, link)
    taken = {
        lane.number
        for other, lane in lanes.items()
        if lane.side == side and _column(other[0]) < end and start < _column(other[1])
    }
    return Lane(side, next(number for number in range(len(lanes) + 1) if number not in taken))


def _output_lanes(lanes: dict[Link, Lane], output: int, *, all_nodes: bool) -> dict[Link, Lane]:
    """All nodes but the last reach the output by one shared lane, below everything."""
    if not all_nodes:
        return {(output - 1, output): Lane(0, 0)}
    lowest = max((lane.number for lane in lanes.values() if lane.side == -1), default=-1)
    shared = {(node, output): Lane(-1, lowest + 1) for node in range(2, output - 1)}
    return {**shared, (output - 1, output): Lane(0, 0)}


def _ports(lanes: dict[Link, Lane], node: int, side: int) -> dict[tuple[bool, int], float]:
    """Horizontal offsets of the lines that meet one side of a box.

    Arrivals stand left of departures, and in each the order of the lanes is the one in which lines
    of the same box do not cross.

    Returns:
        {(whether it arrives, number of the lane): offset from the box's center}.
    """
    beside = [(link, lane.number) for link, lane in lanes.items() if lane.side == side]
    arriving = sorted({(True, number) for link, number in beside if link[1] == node})
    leaving = sorted({(False, number) for link, number in beside if link[0] == node})
    order = arriving + leaving[::-1]
    middle = (len(order) - 1) / 2
    return {port: (index - middle) * _PORT_DISTANCE for index, port in enumerate(order)}


def _boxes(output: int, width: float) -> dict[int, Box]:
    boxes = {
        node: Box(x=0.0, y=offset, width=width, height=INPUT_HEIGHT)
        for node, offset in enumerate((_INPUT_OFFSET, -_INPUT_OFFSET))
    }
    for node in range(2, output + 1):
        x = _column(node) * (width + _GAP) - (_GAP - _LAST_GAP if node == output else 0)
        boxes[node] = Box(x=x, y=0.0, width=width, height=BOX_HEIGHT)
    return boxes


def _height(lane: Lane) -> float:
    if lane.number < 0:
        return lane.side * BOX_HEIGHT / 2
    return lane.side * (BOX_HEIGHT / 2 + _FIRST_LANE + lane.number * _LANE_HEIGHT)


def _straight(link: Link, boxes: dict[int, Box]) -> Route:
    source, target = boxes[link[0]], boxes[link[1]]
    start, end = source.x + source.width / 2, target.x - target.width / 2
    return Route(points=((start, source.y), (end, source.y)), label=(end - _GAP / 2, source.y))


def _bent(
    link: Link,
    lane: Lane,
    boxes: dict[int, Box],
    ports: dict[tuple[int, int], dict[tuple[bool, int], float]],
) -> Route:
    source, target = boxes[link[0]], boxes[link[1]]
    start = source.x + ports[link[0], lane.side][False, lane.number]
    end = target.x + ports[link[1], lane.side][True, lane.number]
    y = _height(lane)
    first = (start, source.y + lane.side * source.height / 2)
    last = (end, target.y + lane.side * target.height / 2)
    label = (target.x - target.width / 2 - _GAP / 2, y)
    return Route(points=(first, (start, y), (end, y), last), label=label)
