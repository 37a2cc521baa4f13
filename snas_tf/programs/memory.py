# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whether the step of a run fits into memory: told, or refused, before anything is written.

What is needed is an estimate that the problem makes from the plan of its networks, or where it has
none what small steps take that are measured; and it is that of the step alone. Images that are held
in the memory in which it computes are taken off what there is; what is prepared of them in advance
comes on top.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import rich.console
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import data, native, reports, space
from snas_tf.errors import InvalidInput
from snas_tf.machine import available_memory
from snas_tf.machine.available_memory import Memory
from snas_tf.programs import measured_memory, problems
from snas_tf.runs import snapshot
from snas_tf.search.estimators import named

MARGIN = 1.25
"""How far off the estimate may be. A run is refused if it needs more than this times all the memory
there is, and warned if this times what it needs is more than what is free."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The step of a run.

    Attributes:
        estimate: The batch size of a replica and `bytes_per_number` to the memory of the replica;
            with `rematerialize` too where there is that choice, and `native` where that is so.
        batch_size: Images of the step, over all replicas.
        batch_key: The key of the config that says so.
        bytes_per_number: 4, or 2 under a policy of 16 bits.
        rematerialize: Whether cells are computed again; None where there is no choice.
        native: Whether custom C++ ops compute the convolutions that they can take.
        replicas: Among how many the batch is divided.
        sharing: How many of them share one memory.
        on_host: Whether it is the memory of the host, which holds the program of the step too.
    """

    estimate: Callable[..., space.StepMemory]
    batch_size: int
    batch_key: str = "data.batch_size"
    bytes_per_number: int = 4
    rematerialize: bool | None = None
    native: bool = False
    replicas: int = 1
    sharing: int = 1
    on_host: bool = True

    @property
    def needed(self) -> int:
        """Bytes that those which share one memory need of it."""
        choices = {"bytes_per_number": self.bytes_per_number}
        if self.rematerialize is not None:
            choices["rematerialize"] = self.rematerialize
        if self.native:
            choices["native"] = True
        images = -(-self.batch_size // self.replicas)
        memory = self.estimate(images, **choices)
        return self.sharing * (memory.total + (memory.graph if self.on_host else 0))


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What there is to tell of a step that is not refused.

    Attributes:
        sentence: What it needs and what there is.
        warns: Whether that may be too little.
    """

    sentence: str
    warns: bool = False


def check_search(
    config: ConfigDict, images: data.ImageData, strategy: tf.distribute.Strategy
) -> Verdict:
    """Refuses a search whose step cannot fit into memory; call it before anything is built.

    Args:
        config: The config, checked.
        images: The data set.
        strategy: How the step is divided among devices.

    Returns:
        What to tell the user.

    Raises:
        InvalidInput: It needs much more than there is, and `runtime.memory_check` is set.
    """
    search = config.search
    problem = problems.of(config, "search", images)
    # While the weights warm up all operations run, whatever the estimator is.
    one_hot = named(search.estimator).one_hot and not search.warmup_epochs
    estimate = problem.search_memory(one_hot=one_hot)
    is_known = estimate is not None
    if not is_known:
        estimate = measured_memory.of_search(
            problem.searchable(config), images.image_shape, images.seen_dtype
        )
    step = Step(
        estimate=estimate,
        batch_size=config.data.batch_size,
        rematerialize=config.runtime.rematerialize if is_known else None,
        native=_takes_native(config, "search", strategy),
        **_division(config, strategy),
    )
    memory = _beside(images, step, available_memory.present(strategy))
    return judge(step, memory, refuse=config.runtime.memory_check)


def check_training(
    config: ConfigDict,
    genotype: space.Architecture,
    images: data.ImageData,
    strategy: tf.distribute.Strategy,
) -> Verdict:
    """Refuses a training whose step cannot fit into memory; call it before anything is built.

    Args:
        config: The config, checked.
        genotype: The architecture.
        images: The data set.
        strategy: How the step is divided among devices.

    Returns:
        What to tell the user.

    Raises:
        InvalidInput: It needs much more than there is, and `runtime.memory_check` is set.
    """
    problem = problems.of(config, "train", images)
    estimate = problem.training_memory(genotype)
    if estimate is None:
        estimate = measured_memory.of_training(
            problem.child(genotype), images.image_shape, images.seen_dtype
        )
    step = Step(
        estimate=estimate,
        batch_size=snapshot.training_sizes(config)["batch_size"],
        batch_key="train.batch_size" if config.train.batch_size else "data.batch_size",
        native=_takes_native(config, "train", strategy),
        **_division(config, strategy),
    )
    memory = _beside(images, step, available_memory.present(strategy))
    return judge(step, memory, refuse=config.runtime.memory_check)


def _beside(images: data.ImageData, step: Step, memory: Memory | None) -> Memory | None:
    """What there is beside the images that are held, of which what is free tells already."""
    if memory is None or not step.on_host:
        return memory
    held = images.held_bytes
    owner = f"{memory.owner} beside the images" if 100 * held > memory.total else memory.owner
    left = max(memory.total - held, 0)
    return Memory(total=left, available=min(memory.available, left), owner=owner)


def tell(verdict: Verdict, console: rich.console.Console) -> None:
    """Prints a verdict in one line."""
    if verdict.warns:
        reports.print_warning(console, verdict.sentence)
    else:
        console.print(verdict.sentence, highlight=False, soft_wrap=True)


def judge(step: Step, memory: Memory | None, *, refuse: bool = True) -> Verdict:
    """Compares what is needed with what there is.

    Args:
        step: What needs memory.
        memory: What there is; None where it cannot be known.
        refuse: Whether an impossible step is refused.

    Returns:
        What to tell the user.

    Raises:
        InvalidInput: The step needs more than `MARGIN` times all the memory there is.
    """
    needed = step.needed
    if memory is None:
        return Verdict(f"The step needs about {gigabytes(needed)} of memory.")
    if MARGIN * needed <= memory.available:
        free = gigabytes(memory.available)
        return Verdict(f"The step needs about {gigabytes(needed)} of {free}.")
    if refuse and needed > MARGIN * memory.total:
        raise InvalidInput(
            f"`--config.{step.batch_key}={step.batch_size}` needs about {gigabytes(needed)} of "
            f"memory for a step of this network, of which {memory.owner} has "
            f"{gigabytes(memory.total)}: do use {_remedies(step, memory)}; "
            "--config.runtime.memory_check=False goes on all the same"
        )
    return Verdict(
        f"the step needs about {gigabytes(needed)}, and {gigabytes(memory.available)} of "
        f"{memory.owner} are free. If the memory does not suffice, use {_remedies(step, memory)}.",
        warns=True,
    )


def gigabytes(number: float) -> str:
    """Bytes in words, with two figures, or all before the point."""
    value = number / 1e9
    return f"{value:.{0 if value >= 9.95 else 1 if value >= 0.995 else 2}f} GB"


def _division(config: ConfigDict, strategy: tf.distribute.Strategy) -> dict[str, int | bool]:
    """Arguments of `Step`. Replicas on CPUs share the machine, a GPU has a memory of its own."""
    on_gpu = bool(tf.config.get_visible_devices("GPU"))
    return {
        "bytes_per_number": 2 if config.runtime.dtype_policy == "mixed_bfloat16" else 4,
        "replicas": strategy.num_replicas_in_sync,
        "sharing": 1 if on_gpu else available_memory.local_replicas(strategy),
        "on_host": not on_gpu,
    }


def _takes_native(config: ConfigDict, stage: str, strategy: tf.distribute.Strategy) -> bool:
    """Whether layers may take the custom C++ ops: XLA knows none, and replicas that meet in a
    normalisation compute that with TensorFlow's."""
    meets = config[stage].synchronized_batch_norm and strategy.num_replicas_in_sync > 1
    return native.in_use() and not config.runtime.jit_compile and not meets


def _remedies(step: Step, memory: Memory) -> str:
    """What would help, each with what the step would need then."""
    changes = {}
    if (smaller := _smaller(step, memory)) is not step:
        changes[f"{step.batch_key}={smaller.batch_size}"] = smaller
    if step.rematerialize is False:
        changes["runtime.rematerialize=True"] = dataclasses.replace(step, rematerialize=True)
    if step.bytes_per_number == 4:
        changes["runtime.dtype_policy=mixed_bfloat16"] = dataclasses.replace(
            step, bytes_per_number=2
        )
    told = [
        f"--config.{change} (then about {gigabytes(changed.needed)})"
        for change, changed in changes.items()
    ]
    return f"{', '.join(told)} or a smaller network" if told else "a smaller network"


def _smaller(step: Step, memory: Memory) -> Step:
    """The step with its batch halved until it fits, or until each replica has one image."""
    while step.batch_size > step.replicas and MARGIN * step.needed > memory.available:
        step = dataclasses.replace(step, batch_size=max(step.batch_size // 2, step.replicas))
    return step
