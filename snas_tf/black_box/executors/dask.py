# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A cluster of machines that evaluates, by Dask (https://distributed.dask.org).

Dask finds workers, hands them work, and gives what a worker that was lost had to another one.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Callable
from typing import Any

from snas_tf.errors import Failure, InvalidInput


@dataclasses.dataclass(frozen=True)
class Dask:
    """The workers of a Dask scheduler: an `executor` of `search`.

    They need this package, the evaluator's own, and what it reads: `dask worker ADDRESS --nthreads
    1` on every machine, in such an environment.

    Attributes:
        address: Of the scheduler, such as "tcp://10.0.0.5:8786".
        timeout: How many seconds it has to answer.
    """

    address: str
    timeout: float = 30.0

    @property
    def workers(self) -> int:
        """How many threads the workers have that are there now: as many evaluations at a time.

        Raises:
            InvalidInput: No scheduler answers, or Dask is not installed.
            Failure: The scheduler has no worker.
        """
        with self._client(InvalidInput) as client:
            threads = sum(client.nthreads().values())
        if not threads:
            raise Failure(
                f"the Dask scheduler at {self.address} has no worker yet; do start some by `dask "
                f"worker {self.address} --nthreads 1`, then the search again"
            )
        return threads

    def __call__(self) -> concurrent.futures.Executor:
        """A connection to the scheduler.

        Raises:
            Failure: No scheduler answers.
        """
        return _Connection(self._client(Failure))

    def _client(self, error: type[Exception]):
        """Dask's client; not the one that Dask's own functions take by default."""
        try:
            import distributed
        except ImportError as missing:
            raise InvalidInput(
                "trials on a cluster need Dask's distributed, which is not installed. Run: pip "
                "install 'snas-tf[cluster]'"
            ) from missing
        try:
            return distributed.Client(
                self.address, timeout=self.timeout, set_as_default=False, name="snas_tf"
            )
        except (OSError, ValueError, TypeError) as why:
            raise error(
                f"no Dask scheduler answers at {self.address!r}, which must be such as "
                f"tcp://10.0.0.5:8786 ({type(why).__name__}); do start one by `dask scheduler`"
            ) from why


class _Connection(concurrent.futures.Executor):
    """Dask's own executor, and the connection that it works by."""

    def __init__(self, client) -> None:
        self._client = client
        # Not pure: a second attempt is work of its own, not the answer to the first.
        self._executor = client.get_executor(pure=False)

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any):
        """Hands work to the scheduler."""
        return self._executor.submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Parts from the scheduler: after the work, or at once where that is not waited for."""
        del cancel_futures  # Dask does so where it does not wait
        self._executor.shutdown(wait=wait)
        self._client.close()
