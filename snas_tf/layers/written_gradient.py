# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Gradients that are written out by hand, and where TensorFlow's own take their place."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

_context = threading.local()  # replicas are traced in threads of their own


@contextlib.contextmanager
def automatic_gradients() -> Iterator[None]:
    """Within it, and this thread, functions of `with_gradient` have TensorFlow's own gradients.

    For the branches of a conditional, whose graphs TensorFlow copies: a gradient that is written
    out names tensors of the first copy.
    """
    before = getattr(_context, "automatic", False)
    _context.automatic = True
    try:
        yield
    finally:
        _context.automatic = before


def with_gradient(function: Callable[..., tuple[Any, Callable]]) -> Callable[..., Any]:
    """`tf.custom_gradient`, but within `automatic_gradients` nothing but the function's output.

    Args:
        function: Tensors to its output, which TensorFlow can differentiate too, and the function
            that turns the output's gradients into those of the tensors.

    Returns:
        A function from the tensors to the output.
    """
    written = tf.custom_gradient(function)

    @functools.wraps(function)
    def call(*arguments: tf.Tensor) -> Any:
        if getattr(_context, "automatic", False):
            output, _ = function(*arguments)
            return output
        return written(*arguments)

    return call
