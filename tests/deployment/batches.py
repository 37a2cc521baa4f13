# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the stand-in merges requests: tests only.

As TF-Serving's batching_session.cc and shared_batch_scheduler.h: which sizes are refused and which
divided, and that all requests of a batch share its answer or its error. Left out: padding to
`allowed_batch_sizes` and the bound on waiting batches.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent import futures

import grpc
import tensorflow as tf

from tests.deployment.refusals import Refusal

Tensors = dict[str, tf.Tensor]


@dataclasses.dataclass
class _Batch:
    """Pieces of requests that will run together, and where each one's answer goes."""

    pieces: list[tuple[Tensors, int, futures.Future]]
    size: int
    full: threading.Event


class Batches:
    """Merges what arrives within `batch_timeout_micros`.

    Args:
        run: Runs a signature: inputs to outputs, or Refusal.
        parameters: A batching.config.
    """

    def __init__(self, run: Callable[[Tensors], Tensors], parameters) -> None:
        self._run = run
        self._most = parameters.max_batch_size.value
        splitting = parameters.enable_large_batch_splitting.value
        self._most_at_once = parameters.max_execution_batch_size.value if splitting else self._most
        self._wait = parameters.batch_timeout_micros.value / 1e6
        self._workers = futures.ThreadPoolExecutor(parameters.num_batch_threads.value)
        self._lock = threading.Lock()
        self._open: _Batch | None = None

    def run(self, inputs: Tensors) -> Tensors:
        """Outputs for the inputs of one request, whoever else was in its batches."""
        sizes = {int(tensor.shape[0]) if tensor.shape.rank else None for tensor in inputs.values()}
        if len(sizes) != 1 or None in sizes:
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT,
                "Batching session Run() input tensors must have equal 0th-dimension size",
            )
        (size,) = sizes
        if size > self._most:
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"Task size {size} is larger than maximum input batch size {self._most}",
            )
        step = self._most_at_once
        pieces = [
            {name: tensor[start : start + step] for name, tensor in inputs.items()}
            for start in range(0, max(size, 1), step)
        ]
        answers = [self._enqueue(piece) for piece in pieces]
        outputs = [answer.result() for answer in answers]
        return {name: tf.concat([part[name] for part in outputs], 0) for name in outputs[0]}

    def _enqueue(self, piece: Tensors) -> futures.Future:
        size, answer = int(next(iter(piece.values())).shape[0]), futures.Future()
        with self._lock:
            if self._open is None or self._open.size + size > self._most_at_once:
                self._close()
                self._open = _Batch([], 0, threading.Event())
                self._workers.submit(self._process, self._open)
            self._open.pieces.append((piece, size, answer))
            self._open.size += size
            if self._open.size == self._most_at_once:
                self._close()
        return answer

    def _close(self) -> None:
        if self._open is not None:
            self._open.full.set()
            self._open = None

    def _process(self, batch: _Batch) -> None:
        batch.full.wait(self._wait)
        with self._lock:
            if self._open is batch:
                self._close()
        try:
            outputs = self._run(_merged([piece for piece, _, _ in batch.pieces]))
        except Refusal as refusal:  # for everyone in the batch, whosever mistake it was
            for _, _, answer in batch.pieces:
                answer.set_exception(Refusal(refusal.code, str(refusal)))
            return
        start = 0
        for _, size, answer in batch.pieces:
            answer.set_result({name: part[start : start + size] for name, part in outputs.items()})
            start += size


def _merged(pieces: list[Tensors]) -> Tensors:
    for name in pieces[0]:
        if len({tuple(piece[name].shape[1:]) for piece in pieces}) > 1:
            raise Refusal(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"Tensors with name '{name}' from different tasks have different shapes and "
                "padding is turned off.",
            )
    return {name: tf.concat([piece[name] for piece in pieces], 0) for name in pieces[0]}
