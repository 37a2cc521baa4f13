# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What `cpp_loader` starts as a process of its own: answers requests by the C++ session.

It prints a line of JSON in the end, and exits with an error if a malformed request is answered.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys

import tensorflow as tf

from snas_tf.serving import c_session, cpp_loader, warm_up
from snas_tf.serving.malformed_requests import malformed


def run(folder: str, most_images: str, tolerance: str) -> None:
    """Tries a SavedModel; the arguments are those of `cpp_loader.attempt`, as words."""
    saved_model = pathlib.Path(folder)
    requests = warm_up.read(saved_model)
    differences: dict[str, float] = {}
    other_classes = refused = 0
    with c_session.CSession(saved_model) as session:
        for request in requests:
            answer = session.run(request.signature, request.inputs)
            before = differences.get(request.signature, 0.0)
            differences[request.signature] = max(before, request.difference(answer))
            other_classes += request.disagreements(answer, float(tolerance))
        for what, signature, inputs in malformed(requests, int(most_images)):
            try:
                session.run(signature, inputs)
            except tf.errors.OpError:
                refused += 1
            else:
                sys.exit(f"{signature} answered a malformed request: {what}")
    print(json.dumps(dataclasses.asdict(cpp_loader.Tried(differences, other_classes, refused))))


if __name__ == "__main__":
    run(*sys.argv[1:])
