# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Asks TF-Serving by REST what is on images: python export/clients/predict_rest.py five.png

Needs Python 3.11, its standard library and command_line.py beside it; no TensorFlow. Prints a line
an image: file, class, probability and the most probable classes, divided by tabs.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import sys
import time
import urllib.parse

import command_line


def connect(options: argparse.Namespace) -> command_line.Ask:
    """The function that sends images to the signature `image_bytes`."""
    place = f"{options.host}:{options.port}"
    path = f"/v1/models/{urllib.parse.quote(options.model, safe='')}"
    if options.version:
        path += f"/versions/{options.version}"
    elif options.label:
        path += f"/labels/{urllib.parse.quote(options.label, safe='')}"

    def ask(images: list[bytes]) -> list[command_line.Answer]:
        # Row format: an object with the one key b64 is bytes, and so is the value of the one input.
        instances = [{"b64": base64.b64encode(image).decode()} for image in images]
        body = json.dumps({"signature_name": "image_bytes", "instances": instances})
        try:
            status, content = _post(options, f"{path}:predict", body.encode())
        except TimeoutError:
            raise command_line.ServerError(
                f"no answer from {place} within {options.timeout:g} seconds"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise command_line.ServerError(f"{place} could not be asked: {reason}") from None
        if status != 200:
            kind = command_line.Refused if status == 400 else command_line.ServerError
            raise kind(f"{place} answered HTTP {status}: {_message(content)}")
        try:
            return [_answer(row) for row in json.loads(content)["predictions"]]
        except (ValueError, KeyError, TypeError):
            raise command_line.ServerError(
                f"{place} answered something else than class_id, class_name and probabilities: is "
                f"{options.model} a model of this project, and TF-Serving there?"
            ) from None

    return ask


def _post(options: argparse.Namespace, path: str, body: bytes) -> tuple[int, bytes]:
    """Status and contents of the answer; what is left of the time bounds every read."""
    deadline = time.monotonic() + options.timeout
    connection = http.client.HTTPConnection(options.host, options.port, timeout=options.timeout)
    try:
        connection.connect()
        socket = connection.sock  # http.client lets go of it as soon as the last answer begins
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before its end
            connection.request("POST", path, body, {"Content-Type": "application/json"})
        socket.settimeout(_left(deadline))
        response = connection.getresponse()
        content = bytearray()
        while chunk := response.read1(1 << 16):
            content += chunk
            socket.settimeout(_left(deadline))
        return response.status, bytes(content)
    finally:
        connection.close()


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _message(content: bytes) -> str:
    """TF-Serving's own message, or whatever stood in its place."""
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace").strip() or "no message"


def _answer(row: dict) -> command_line.Answer:
    probabilities = [float(probability) for probability in row["probabilities"]]
    class_id = int(row["class_id"])
    if not 0 <= class_id < len(probabilities):
        raise ValueError(class_id)
    return command_line.Answer(class_id, str(row["class_name"]), probabilities)


def main(arguments: list[str] | None = None) -> int:
    """Asks for the images of the command line; returns the exit code."""
    return command_line.main(__doc__.splitlines()[0].split(":")[0], 8501, connect, arguments)


if __name__ == "__main__":
    sys.exit(main())
