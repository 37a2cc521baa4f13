# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether the step of a stage can be done, on the devices that there are."""

from __future__ import annotations

import rich.console
from ml_collections import ConfigDict

from snas_tf import native
from snas_tf.errors import InvalidInput, told_by_keys
from snas_tf.fitting import generation
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.search.estimators import named
from snas_tf.training.step_functions import check_compiled

_KEYS = {
    "estimator": "search.estimator",
    "gradient": "search.resource_gradient",
    "jit_compile": "runtime.jit_compile",
}
"""Where the arguments come from that the objects of a step refuse."""


def check(config: ConfigDict, stage: str, batch_size: int, num_replicas: int) -> None:
    """Refuses what the step of a stage cannot do, on one device or on several together.

    Args:
        config: The config, checked; reads the stage's section and `runtime.jit_compile`.
        stage: "search" or "train".
        batch_size: Images a step, over all devices.
        num_replicas: How many devices share a step.

    Raises:
        InvalidInput: The gradient of the resource cost does not go with the estimator; a device
            would get no image, or devices could not meet.
    """
    if batch_size < num_replicas:
        own = stage == "train" and config.train.batch_size
        key = "train.batch_size" if own else "data.batch_size"
        raise InvalidInput(
            f"`--config.{key}` must be at least {num_replicas}, the number of devices that share a "
            f"batch: given {batch_size}; or do set --config.distribution=one_device"
        )
    synchronized = config[stage].synchronized_batch_norm
    with told_by_keys({**_KEYS, "synchronized_batch_norm": f"{stage}.synchronized_batch_norm"}):
        if stage == "search":
            named(config.search.estimator).check(
                config.search.resource_gradient, synchronized=synchronized, replicas=num_replicas
            )
        if config.runtime.jit_compile:
            check_compiled(synchronized, num_replicas)


def tell_of_another(
    directory: RunDirectory, stage: str, num_replicas: int, console: rich.console.Console
) -> None:
    """Says so if a run goes on in another way than it began, with which it ends with other bits.

    Args:
        directory: The run directory, before the stage begins again.
        stage: "search" or "train".
        num_replicas: How many devices share a step now.
        console: Where to say it.
    """
    before = directory.environments().get(stage, {})
    changes = []
    if (then := before.get("replicas", num_replicas)) != num_replicas:
        changes.append(f"on {then} device(s) and goes on with {num_replicas}")
    ways = {True: "with", False: "without"}
    now = native.in_use()
    if (then := before.get("native_operations", False)) != now:
        changes.append(f"{ways[then]} custom C++ ops and goes on {ways[now]} them")
    goes_on = not directory.overwrite and generation.generations(
        directory.checkpoints_folder, stage
    )
    for change in changes if goes_on else ():
        console.print(
            f"warning: the run was {change}: its result is as good, and not the same to the bit",
            soft_wrap=True,
            highlight=False,
        )
