# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the workers of a run tell one another: the chief writes, and all of them stop together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from snas_tf.errors import Failure
from snas_tf.machine.cluster import Cluster


class Workers:
    """The workers of a run, seen from one of them; a run on one machine has one.

    Every worker must make the same calls in the same order, or all of them wait for ever.

    Args:
        cluster: The cluster.
        strategy: The strategy under which they compute.

    Attributes:
        is_chief: Whether this one writes and talks.
        number: How many there are.
        strategy: The strategy, in whose scope models and optimizers are to be built.
    """

    def __init__(self, cluster: Cluster, strategy: tf.distribute.Strategy) -> None:
        self.is_chief = cluster.is_chief
        self.number = cluster.num_workers
        self.strategy = strategy
        self._index = cluster.index
        self._sums = tf.function(self._sum_over_workers)

    def describe(self) -> str:
        """What the workers compute on, in words."""
        replicas = self.strategy.num_replicas_in_sync
        devices = "one device" if replicas == 1 else f"{replicas} devices"
        return devices if self.number == 1 else f"{devices} of {self.number} workers"

    def sums(self, values: Sequence[float]) -> list[float]:
        """The sum over all workers of each of some numbers; the numbers themselves with one."""
        if self.number == 1:
            return list(values)
        return self._sums(tf.constant(values, tf.float32)).numpy().tolist()

    def on_chief(self, action: Callable[[], None]) -> None:
        """Lets the chief do something while the others wait until it is done.

        Args:
            action: What the chief does.

        Raises:
            Failure: On the other workers, if the chief could not do it, whatever it raised there.
        """
        failed = True
        try:
            if self.is_chief:
                action()
            failed = False
        finally:
            (failures,) = self.sums([float(failed)])
        if failures:
            raise Failure("the chief could not go on; its own message says why")

    def check_same(self, value: float, what: str) -> None:
        """Makes sure that all workers go on from the same place.

        Args:
            value: This worker's.
            what: What it is the value of, in words.

        Raises:
            Failure: They differ.
        """
        mine = [value if index == self._index else 0.0 for index in range(self.number)]
        if len({*self.sums(mine)}) > 1:
            raise Failure(
                f"the workers disagree about {what} ({value:g} on this one): --workdir must be a "
                "folder, or a gs:// path, that all of them share"
            )

    def _sum_over_workers(self, values: tf.Tensor) -> tf.Tensor:
        def on_replica() -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(values))

        total = self.strategy.run(on_replica)
        replicas = self.strategy.num_replicas_in_sync / self.number
        return self.strategy.experimental_local_results(total)[0] / replicas
