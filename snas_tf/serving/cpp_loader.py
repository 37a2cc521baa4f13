# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A SavedModel tried in TensorFlow's C++ loader, as TF-Serving loads it, in a process of its own.

In that process the network is unknown; only TensorFlow's own operations are there; and should a
request abort it, as one would abort a server, this process lives to tell.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys

from snas_tf.errors import Failure
from snas_tf.serving import c_session

_PROGRAM = "snas_tf.serving.cpp_loader_program"
_TIMEOUT = 600.0


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """What the C++ loader did with a SavedModel.

    Attributes:
        differences: {signature: greatest difference of a probability} over the warm-up requests.
        other_classes: Images of these requests that got another class than expected.
        refused: Malformed requests, each of which was answered by an error.
    """

    differences: dict[str, float]
    other_classes: int
    refused: int


def attempt(saved_model: pathlib.Path, most_images: int, tolerance: float) -> Tried | None:
    """Loads a SavedModel, answers its warm-up requests, and malformed ones.

    Args:
        saved_model: The folder of the SavedModel.
        most_images: Images that a request may hold.
        tolerance: Difference of two probabilities at which their order does not count.

    Returns:
        What came out, or None where TensorFlow has no C++ library that can be called.

    Raises:
        Failure: The loader refused the model, a malformed request was answered as if it were
            none, or one aborted the process.
    """
    if c_session.library_path() is None:
        return None
    variables = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "CUDA_VISIBLE_DEVICES": "-1",  # this process may hold the memory of the GPU
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    try:
        process = subprocess.run(
            [sys.executable, "-m", _PROGRAM, str(saved_model), str(most_images), str(tolerance)],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"TensorFlow's C++ loader did not answer within {_TIMEOUT:.0f} s") from error
    if process.returncode:
        lines = process.stderr.strip().splitlines() or ["no word"]
        ended = "was aborted" if process.returncode < 0 else "failed"
        raise Failure(f"TensorFlow's C++ loader {ended} with the model: {lines[-1]}")
    return Tried(**json.loads(process.stdout.splitlines()[-1]))
