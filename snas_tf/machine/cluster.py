# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The workers of a run on several machines, as the environment variable TF_CONFIG lists them."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from snas_tf.errors import InvalidInput

VARIABLE = "TF_CONFIG"
_ROLES = ("chief", "worker")


@dataclasses.dataclass(frozen=True, slots=True)
class Cluster:
    """The workers, of which this process is one.

    Attributes:
        num_workers: How many there are, 1 without a cluster.
        index: The number of this one, from 0; the chief, which alone writes, is 0.
    """

    num_workers: int = 1
    index: int = 0

    def __str__(self) -> str:
        """In words: "worker 1 of 2", counted from 0."""
        return f"worker {self.index} of {self.num_workers}"

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run directory and talks to the user."""
        return self.index == 0


def find(distribution: str) -> Cluster:
    """The cluster that a run is to use.

    Args:
        distribution: `config.distribution`. Only "auto" and "multi_worker" use several workers.

    Raises:
        InvalidInput: TF_CONFIG is needed and missing, or is none.
    """
    if distribution not in ("auto", "multi_worker"):
        return Cluster()
    text = os.environ.get(VARIABLE, "")
    if text:
        return _parse(text)
    if distribution == "multi_worker":
        raise InvalidInput(
            "`--config.distribution=multi_worker` needs the environment variable TF_CONFIG: it is "
            f"not set; do set it, such as {_example()}, with another index for every worker"
        )
    return Cluster()


def _parse(text: str) -> Cluster:
    try:
        config = json.loads(text)
        addresses = config.get("cluster", {})
        unknown = {*addresses} - {*_ROLES}
        if unknown:
            raise InvalidInput(
                "`TF_CONFIG` must have workers, and a chief if you like, and nothing else: given "
                f"{', '.join(sorted(unknown))}"
            )
        names = [(role, n) for role in _ROLES for n in range(len(addresses.get(role, ())))]
        if not names:
            return Cluster()  # as some clouds set it for a single machine
        task = config["task"]
        return Cluster(len(names), names.index((task["type"], int(task["index"]))))
    except InvalidInput:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"`TF_CONFIG` must be JSON that lists the cluster and the task of this process: given "
            f"{text[:200]!r}; do set it such as {_example()}"
        ) from error


def _example() -> str:
    example: dict[str, Any] = {
        "cluster": {"worker": ["host0:2222", "host1:2222"]},
        "task": {"type": "worker", "index": 0},
    }
    return json.dumps(example)
