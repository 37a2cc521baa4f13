# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A network as plain data: layers in the order in which they are computed, and what each reads."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.layer_kinds import Shape

SCHEMA_VERSION = 1
ZERO = "zero"
"""How the projection of a skip starts that is added: its sum is what it was."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """A layer of Keras's own, not yet built.

    Attributes:
        name: Stays with it through all morphs, so that it finds its weights.
        kind: The name of the class in `keras.layers`, such as "Conv2D".
        settings: What its constructor gets, without the name, as JSON with sorted keys.
        inputs: Names of the layers that it reads.
        start: How it starts where no ancestor has it: `ZERO`, or "" for the identity.

    Raises:
        InvalidInput: Its kind is not known, or it has its channels elsewhere than last.
    """

    name: str
    kind: str
    settings: str
    inputs: tuple[str, ...]
    start: str = ""

    def __post_init__(self) -> None:
        _check(self.name, self.kind, self.settings)

    @classmethod
    def of(
        cls, name: str, kind: str, config: Mapping[str, Any], inputs: Sequence[str], start: str = ""
    ) -> Layer:
        """A layer from its constructor's arguments."""
        settings = json.dumps(layer_kinds.canonical(kind, config), sort_keys=True)
        return cls(name, kind, settings, tuple(inputs), start)

    @property
    def config(self) -> Mapping[str, Any]:
        """The constructor's arguments, without the name; not to be changed."""
        return _parsed(self.settings)

    def with_config(self, **changes: Any) -> Layer:
        """The same layer with other arguments."""
        config = {**_parsed(self.settings), **changes}
        return Layer.of(self.name, self.kind, config, self.inputs, self.start)

    def reading(self, before: str, now: str) -> Layer:
        """The same layer, with one input in the place of another."""
        return dataclasses.replace(
            self, inputs=tuple(now if name == before else name for name in self.inputs)
        )


@functools.lru_cache(maxsize=4096)
def _parsed(settings: str) -> Mapping[str, Any]:
    return types.MappingProxyType(json.loads(settings))


# A search makes graphs by the hundred, all but a few of whose layers it made before.
@functools.lru_cache(maxsize=4096)
def _check(name: str, kind: str, settings: str) -> None:
    layer_kinds.check(name, kind, _parsed(settings))


@functools.lru_cache(maxsize=16384)
def _output_shape(layer: Layer, *inputs: Shape) -> Shape:
    return layer_kinds.output_shape(layer.name, layer.kind, layer.config, inputs)


@dataclasses.dataclass(frozen=True)
class LayerGraph:
    """A network with one input and one output: an architecture of a `MorphSpace`.

    Attributes:
        layers: The layers, each behind those that it reads. The first is the input, whose config
            has `shape`; the last is the output.

    Raises:
        InvalidInput: The layers are no such network.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        names: set[str] = set()
        for position, layer in enumerate(self.layers):
            if (layer.kind == layer_kinds.INPUT) != (position == 0):
                raise InvalidInput(
                    "a layer graph must begin with its one InputLayer: given "
                    f"{[layer.kind for layer in self.layers]}"
                )
            if (
                layer.name in names
                or not {*layer.inputs} <= names
                or bool(layer.inputs) != bool(position)
            ):
                raise InvalidInput(
                    f"the layer {layer.name!r} must have a name of its own and read layers that "
                    f"stand before it: given inputs {list(layer.inputs)}"
                )
            names.add(layer.name)
        if len(self.layers) < 2:
            raise InvalidInput("a layer graph must have an input and an output at least")
        unread = names - {name for layer in self.layers for name in layer.inputs}
        if unread != {self.output.name}:
            raise InvalidInput(
                "a layer graph must have one output, its last layer: given "
                f"{', '.join(sorted(unread))}"
            )
        _ = self.shapes  # which refuses what does not fit together

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self.layers)

    def __reduce__(self) -> tuple[Any, ...]:
        return LayerGraph, (self.layers,)  # the hash of a text differs between processes

    @property
    def output(self) -> Layer:
        """The last layer."""
        return self.layers[-1]

    @functools.cached_property
    def by_name(self) -> Mapping[str, Layer]:
        """{name: layer}."""
        return {layer.name: layer for layer in self.layers}

    @functools.cached_property
    def position(self) -> Mapping[str, int]:
        """{name: place in the order of computation}."""
        return {layer.name: position for position, layer in enumerate(self.layers)}

    @functools.cached_property
    def consumers(self) -> Mapping[str, tuple[Layer, ...]]:
        """{name: the layers that read it, in their order}."""
        found: dict[str, list[Layer]] = {layer.name: [] for layer in self.layers}
        for layer in self.layers:
            for name in dict.fromkeys(layer.inputs):
                found[name].append(layer)
        return {name: tuple(layers) for name, layers in found.items()}

    @functools.cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """{name: shape of what it gives, without the batch}."""
        shapes: dict[str, Shape] = {}
        for layer in self.layers:
            shapes[layer.name] = _output_shape(layer, *[shapes[name] for name in layer.inputs])
        return shapes

    @functools.cached_property
    def nonnegative(self) -> frozenset[str]:
        """Names of the layers that never give a negative number, so that a ReLU keeps them."""
        found: set[str] = set()
        for layer in self.layers:
            if layer_kinds.is_relu(layer.kind, layer.config) or (
                layer.kind in layer_kinds.KEEPS_SIGN and {*layer.inputs} <= found
            ):
                found.add(layer.name)
        return frozenset(found)

    def inserted(self, after: str, layers: Sequence[Layer], readers: Iterable[str]) -> LayerGraph:
        """The graph with some layers behind another.

        Args:
            after: The layer behind which they stand; the first of them may read it.
            layers: The new layers, in their order.
            readers: Names of the layers that now read the last of them, and no longer `after`.
        """
        readers = {*readers}
        kept: list[Layer] = []
        for layer in self.layers:
            moved = layer.name in readers
            kept.append(layer.reading(after, layers[-1].name) if moved else layer)
            if layer.name == after:
                kept.extend(layers)
        return LayerGraph(tuple(kept))

    def replaced(self, changed: Mapping[str, Layer]) -> LayerGraph:
        """The graph with other layers in the places of some, by name."""
        return LayerGraph(tuple(changed.get(layer.name, layer) for layer in self.layers))

    def free_name(self, wanted: str) -> str:
        """A name that no layer has: the wanted one, or with a number behind it."""
        name, number = wanted, 1
        while name in self.by_name:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def to_json(self) -> str:
        """The graph as JSON: the schema's version, and the layers, a line each."""
        rows = [json.dumps(_record(layer), ensure_ascii=False) for layer in self.layers]
        lines = ",\n    ".join(rows)
        version = f'"{json_record.VERSION}": {SCHEMA_VERSION}'
        return f'{{\n  {version},\n  "layers": [\n    {lines}\n  ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> LayerGraph:
        """Reads what `to_json` wrote.

        Args:
            text: JSON.

        Raises:
            InvalidInput: It is no layer graph.
        """
        rows = json_record.read(text, "a layer graph", SCHEMA_VERSION).get("layers")
        if not isinstance(rows, list):
            raise InvalidInput(f"a layer graph must have the list layers: given {rows!r:.80}")
        return cls(tuple(map(_layer, rows)))


def _record(layer: Layer) -> dict[str, Any]:
    record = {
        "name": layer.name,
        "kind": layer.kind,
        "config": dict(layer.config),
        "inputs": list(layer.inputs),
    }
    return {**record, "start": layer.start} if layer.start else record


def _layer(row: Any) -> Layer:
    fields = dict(row) if isinstance(row, Mapping) else {}
    right = (
        {"name", "kind", "config", "inputs"} <= {*fields} <= {*fields, "start"}
        and len(fields) == 4 + ("start" in fields)
        and isinstance(fields["name"], str)
        and isinstance(fields["kind"], str)
        and isinstance(fields["config"], Mapping)
        and isinstance(fields["inputs"], list)
        and all(isinstance(name, str) for name in fields["inputs"])
        and fields.get("start", "") in ("", ZERO)
    )
    if not right:
        raise InvalidInput(
            f"a layer must be an object of name, kind, config and inputs: given {row!r:.80}"
        )
    return Layer.of(**fields)
