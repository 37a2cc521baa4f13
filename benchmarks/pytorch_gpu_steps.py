# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Runs the search step of benchmarks/pytorch_yardstick.py on a GPU, in one of PyTorch's ways.

A process of benchmarks/gpu_search_step.py, with PyTorch and without TensorFlow. The ways:

- `eager`: operation by operation, tensors in the layout channels_last;
- `contiguous`: the same in PyTorch's own layout;
- `graph`: `eager`, the whole step recorded once as a CUDA graph and played again;
- `compile`: the network through `torch.compile`, the updates eager;
- `compile_graph`: the same in the mode "reduce-overhead", which records CUDA graphs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from pytorch_yardstick import Step
from timed_process import WITH_TINY, serve_device, summary

_MODES = {"compile": "default", "compile_graph": "reduce-overhead"}
_PROFILED = 2
_WARM_UP = 3  # as PyTorch asks for before a recording


def recorded(step: Step) -> Callable[[], object]:
    """A whole step as one CUDA graph.

    Args:
        step: The step; its optimizers keep their counters on the device.

    Returns:
        What plays it.
    """
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(_WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def main() -> None:
    setting, precision, way, seconds = sys.argv[1:]
    on_gpu = torch.cuda.is_available()
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = precision != "float32"
    torch.backends.cuda.matmul.allow_tf32 = precision != "float32"
    wait = torch.cuda.synchronize if on_gpu else lambda: None
    start = time.perf_counter()
    step = Step(
        WITH_TINY[setting],
        "cuda" if on_gpu else "cpu",
        torch.contiguous_format if way == "contiguous" else torch.channels_last,
        torch.bfloat16 if precision == "bfloat16" else None,
        _MODES.get(way, ""),
    )
    play = recorded(step) if way == "graph" else step
    play()
    wait()
    first_seconds = time.perf_counter() - start

    def run(steps: int) -> None:
        for _ in range(steps):
            play()
        wait()

    def memory() -> dict[str, float]:
        peak, reserved = torch.cuda.max_memory_allocated(), torch.cuda.memory_reserved()
        # A recorded graph's own memory is not counted as allocated.
        sizes = {"device_mib": reserved if way == "graph" else peak, "reserved_mib": reserved}
        torch.cuda.reset_peak_memory_stats()
        return {name: size / 2**20 for name, size in sizes.items()}

    def profile() -> dict[str, Any]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as found:
            run(_PROFILED)
        events = [
            (event.name, 1e3 * event.device_time_total)
            for event in found.events()
            if event.device_type == torch.autograd.DeviceType.CUDA
        ]
        return summary(events, _PROFILED)

    serve_device(
        run,
        float(seconds),
        memory if on_gpu else dict,
        profile if on_gpu else dict,
        first_seconds=first_seconds,
        parameters=step.parameters,
        device=torch.cuda.get_device_name() if on_gpu else "cpu",
        version=torch.__version__,
    )


if __name__ == "__main__":
    main()
