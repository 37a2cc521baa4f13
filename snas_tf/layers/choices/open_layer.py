# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A layer that leaves open which of a few things it computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf import keras_internals
from snas_tf.errors import InvalidInput

Copy = Callable[[keras.layers.Layer, str], keras.layers.Layer]
"""A layer and a name to a copy of the layer of that name, whose weights will be the layer's."""


class OpenLayer(keras.layers.Layer):
    """What `Choice`, `InputChoice` and `Repeat` have in common.

    Called as any layer is, it computes its first option, so that a model which holds it builds,
    trains and saves as it stands. A search calls it with a row of Z.

    A subclass has `compute(position, ...)`, which computes one option, `kept` and
    `closed`.

    Args:
        options: The names of the options.
        decision: Name of what is decided, one for all layers that decide together; None is the
            layer's own name, and nobody else's.

    Call arguments:
        inputs: A tensor or a nest of them, what the options take; further ones may follow.
        row: float32 (options,), the weights of the options; None is the first option alone.
        one_hot: Whether the row is one-hot. Then only the option that it chooses runs: the others
            update no statistics, and the gradient of their weights and entries is zero.
        **kwargs: What else the options take.
    """

    def __init__(self, options: Sequence[str], decision: str | None = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        names = tuple(options)
        if not names or len({*names}) < len(names) or not all(map(_is_name, names)):
            raise InvalidInput(
                f"the options of {self.name!r} must have different names, at least one: given "
                f"{names!r}"
            )
        self.options = names
        self.given_decision = decision
        self.built = True  # the layers within are built when they are called
        self._seen = False

    @property
    def decision(self) -> str:
        """Name of what is decided here."""
        return self.given_decision or self.name

    def compute(self, position: int, inputs: Any, *others: Any, **kwargs: Any) -> Any:
        """The answer of the option at a position, a tensor or a nest of them."""
        raise NotImplementedError

    def compute_all(self, inputs: Any, *others: Any, **kwargs: Any) -> list[Any]:
        """The answers of all options."""
        count = len(self.options)
        return [self.compute(position, inputs, *others, **kwargs) for position in range(count)]

    def kept(self, position: int) -> list[keras.layers.Layer]:
        """The layers within that stay once the option at a position is chosen."""
        raise NotImplementedError

    def closed(self, position: int, copy: Copy) -> Callable[..., Any]:
        """What stands here once the option at a position is chosen, of Keras's layers alone.

        Args:
            position: Of the option.
            copy: Copies a layer that is to be in the network that was found.

        Returns:
            A function of the call's arguments.
        """
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As every layer; in a graph, and before the first answer, all options are compared.

        Raises:
            InvalidInput: They answer differently, or one cannot take the mask of its input.
        """
        if not self._seen or _is_symbolic((args, kwargs)):
            # Here, for Keras adds lines to what is raised further within.
            others = {k: value for k, value in kwargs.items() if k not in ("row", "training")}
            symbols = keras.tree.map_structure(_masked_symbol, (args, others))
            self._compare(*symbols[0], **symbols[1])
            self._seen = True
        return super().__call__(*args, **kwargs)

    def _compare(self, *args: Any, one_hot: bool = False, **kwargs: Any) -> None:
        """Builds and compares the options as they answer symbolic tensors."""
        self._check_masks(args)
        if one_hot:
            self._check_losses()
        inputs, *others = args or [kwargs.pop("inputs")]
        answers = self.compute_all(inputs, *others, **kwargs)
        kinds = [keras.tree.map_structure(_kind, answer) for answer in answers]
        if any(kind != kinds[0] for kind in kinds):
            told = ", ".join(
                f"{name} {_told(kind)}" for name, kind in zip(self.options, kinds, strict=True)
            )
            raise InvalidInput(
                f"all options of {self.name!r} must answer one shape and dtype: given {told}; do "
                "give them the same units, filters, strides and padding"
            )
        if not all("float" in kind for kind in keras.tree.flatten(kinds[0])):
            raise InvalidInput(
                f"the options of {self.name!r} must answer floating-point numbers, which can be "
                f"mixed: given {_told(kinds[0])}"
            )

    def compute_output_spec(
        self, inputs: Any, *others: Any, row: Any = None, one_hot: bool = False, **kwargs: Any
    ) -> Any:
        """What the answer is, of symbolic tensors."""
        del row, one_hot
        answer = self.compute(0, inputs, *others, **kwargs)
        return keras.tree.map_structure(_symbol, answer)

    def call(
        self, inputs: Any, *others: Any, row: Any = None, one_hot: bool = False, **kwargs: Any
    ) -> Any:
        """The first option's answer, or sum over options of row^k times the option's answer."""
        if row is None:
            return self.compute(0, inputs, *others, **kwargs)
        if one_hot:

            def compute(position: int) -> Any:
                return self.compute(position, inputs, *others, **kwargs)

            return _chosen(compute, len(self.options), row)
        return _mixed(self.compute_all(inputs, *others, **kwargs), row)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the answer."""
        return previous_mask

    def without_masks(self) -> list[str]:
        """What in this layer takes no mask, by name."""
        return [] if self.supports_masking else [self.name]

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor that all such layers have."""
        return {**super().get_config(), "decision": self.given_decision}

    def _check_masks(self, inputs: Any) -> None:
        masked = any(keras_internals.mask(part) is not None for part in keras.tree.flatten(inputs))
        if masked and (without := self.without_masks()):
            raise InvalidInput(
                f"all options of {self.name!r} must take the mask of its input: "
                f"{', '.join(without)} do not; do leave them out, or take the mask away before"
            )

    def _check_losses(self) -> None:
        for layer in keras_internals.all_sublayers(self):
            if layer.activity_regularizer is not None:
                raise InvalidInput(
                    f"{layer.name!r} within {self.name!r} must have no activity_regularizer where "
                    "one option alone runs, as under the estimators straight_through and "
                    "score_function: given one; do use the estimator concrete"
                )


def _mixed(answers: Sequence[Any], row: tf.Tensor) -> Any:
    """sum_k row^k answers^k, in float32 at least, in the answers' own dtype."""
    weights = tf.unstack(row, len(answers))

    def total(*parts: tf.Tensor) -> tf.Tensor:
        dtype = tf.float32 if parts[0].dtype.size < 4 else parts[0].dtype
        terms = [
            tf.cast(part, dtype) * tf.cast(weight, dtype)
            for part, weight in zip(parts, weights, strict=True)
        ]
        return tf.cast(tf.add_n(terms), parts[0].dtype)

    return tf.nest.map_structure(total, *answers)


def _chosen(compute: Callable[[int], Any], count: int, row: tf.Tensor) -> Any:
    """row^k times the answer of the option k that a one-hot row chooses, which alone runs."""
    choice = tf.argmax(row, output_type=tf.int32)
    branches = [functools.partial(compute, position) for position in range(count)]
    answer = tf.switch_case(choice, branches)
    weight = tf.gather(row, choice)
    return tf.nest.map_structure(lambda part: part * tf.cast(weight, part.dtype), answer)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and bool(name)


def _is_symbolic(arguments: Any) -> bool:
    flat = keras.tree.flatten(arguments)
    return any(isinstance(part, keras.KerasTensor) for part in flat)


def _symbol(tensor: Any) -> Any:
    if not hasattr(tensor, "shape"):
        return tensor
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return keras.KerasTensor(tuple(tensor.shape), dtype)


def _masked_symbol(tensor: Any) -> Any:
    symbol = _symbol(tensor)
    if (mask := keras_internals.mask(tensor)) is not None:
        keras_internals.set_mask(symbol, _symbol(mask))
    return symbol


def _kind(answer: keras.KerasTensor) -> str:
    """Shape and dtype, as one text, which no nest looks into."""
    return f"{tuple(answer.shape)} {answer.dtype}"


def _told(kind: Any) -> str:
    return " and ".join(keras.tree.flatten(kind))
