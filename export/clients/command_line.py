# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What both clients share: options, image files, lines of output, and how they end.

Exit codes: 0 all images were answered; 1 the server refused, failed, or was not reached; 2 wrong
usage or an unreadable file. An error is one line on standard error. Standard library only.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import re
import sys
import urllib.parse
from collections.abc import Callable, Iterator, Sequence

_LONGEST_MESSAGE = 600
_MOST_BYTES = 1_400_000  # of files in a request: in base64 it stays below the 2 MB of the proxy
_TOO_MANY = re.compile(r"must hold 1 to (\d+) images|larger than maximum input batch size (\d+)")


class UsageError(Exception):
    """What was asked for cannot be done: exit code 2."""


class ServerError(Exception):
    """The server refused or failed, or could not be reached: exit code 1."""


class Refused(ServerError):
    """The server says that the request is wrong: INVALID_ARGUMENT, HTTP 400."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the server says of one image.

    Attributes:
        class_id: Position of the most probable class.
        class_name: Its name.
        probabilities: Probability of each class, in the order of the positions.
    """

    class_id: int
    class_name: str
    probabilities: Sequence[float]


@dataclasses.dataclass(frozen=True)
class _Image:
    """A file and what is in it."""

    file: str
    contents: bytes


Ask = Callable[[list[bytes]], list[Answer]]
"""From encoded images to an answer for each; raises ServerError."""


def main(
    description: str,
    default_port: int,
    connect: Callable[[argparse.Namespace], Ask],
    arguments: Sequence[str] | None = None,
) -> int:
    """Runs a client.

    Args:
        description: What --help begins with.
        default_port: Port of `--server` where none is given.
        connect: From the options to the function that asks; it sends nothing yet.
        arguments: What stands behind the name of the program; None for that of the process.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no failure
        stream.reconfigure(errors="backslashreplace")
    try:
        options = _options(description, default_port, arguments)
        names = _class_names(options.labels)
        ask = connect(options)
        for images in _batches(options.images, options.batch):
            for image, answer in zip(images, _asked(ask, images), strict=True):
                print(_line(image.file, answer, names, options), flush=True)
    except UsageError as error:
        return _end(error, 2)
    except ServerError as error:
        return _end(error, 1)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return 0


def _options(
    description: str, default_port: int, arguments: Sequence[str] | None
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.error = _refuse  # argparse's own prints the usage before the line that matters
    add = parser.add_argument
    add("images", nargs="+", metavar="IMAGE", help="PNG or JPEG file; - for standard input")
    address = f"localhost:{default_port}"
    add("--server", default=address, metavar="HOST:PORT", help="TF-Serving (%(default)s)")
    add("--model", default="snas", help="its name in models.config (%(default)s)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", type=_positive, metavar="NUMBER", help="version of the model")
    which.add_argument("--label", help="label of a version: stable or canary")
    add("--timeout", type=_seconds, default=10.0, help="seconds for a request (%(default)s)")
    add("--batch", type=_positive, default=32, help="most images of a request (%(default)s)")
    add("--top", type=_positive, default=3, metavar="N", help="classes to print (%(default)s)")
    add(
        "--labels",
        metavar="FILE",
        help="assets/labels.txt of the version: names the classes of --top, else #number",
    )
    add("--json", action="store_true", help="print a JSON object a line")
    options = parser.parse_args(arguments)
    if options.images.count("-") > 1:
        _refuse("- is standard input, which can be read once: given twice")
    if not options.model or options.label == "":
        _refuse("--model and --label must not be empty")
    options.host, options.port = _address(options.server, default_port)
    return options


def _refuse(message: str) -> None:
    raise UsageError(f"{message} (--help lists the options)")


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    if not number:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0: given {text!r}")
    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError(f"must be seconds above 0, a day at most: given {text!r}")
    return seconds


def _address(server: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urllib.parse.urlsplit(f"//{server}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.netloc != server or "@" in server or port == 0:
        _refuse(f"--server must be HOST or HOST:PORT: given {server!r}")
    return host, default_port if port is None else port


def _class_names(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        return pathlib.Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"--labels: {file} could not be read: {_reason(error)}") from None


def _batches(files: Sequence[str], size: int) -> Iterator[list[_Image]]:
    """The images in groups of `size`, fewer where they are large, read when their turn has come."""
    group: list[_Image] = []
    for file in files:
        image = _read(file)
        if group and sum(len(other.contents) for other in (*group, image)) > _MOST_BYTES:
            yield group
            group = []
        group.append(image)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _read(file: str) -> _Image:
    try:
        contents = sys.stdin.buffer.read() if file == "-" else pathlib.Path(file).read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} could not be read: {_reason(error)}") from None
    if not contents:
        raise UsageError(f"{file} is empty: give a PNG or JPEG file")
    return _Image(file, contents)


def _asked(ask: Ask, images: list[_Image]) -> list[Answer]:
    first, last = images[0].file, images[-1].file
    try:
        answers = ask([image.contents for image in images])
    except Refused as error:
        if len(images) == 1:
            raise ServerError(f"{first}: {error}") from None
        # One bad image refuses a whole request, and the server does not say which it was.
        advice = f"--batch=1 tells which of the {len(images)} it is"
        if too_many := _TOO_MANY.search(str(error)):
            advice = f"ask with --batch={too_many[1] or too_many[2]}"
        elif "pixels in all" in str(error):
            advice = "ask with a smaller --batch"
        raise ServerError(f"{first} to {last}: {error}; {advice}") from None
    if len(answers) != len(images):
        raise ServerError(f"{first} to {last}: {len(images)} images got {len(answers)} answers")
    return answers


def _line(file: str, answer: Answer, names: list[str], options: argparse.Namespace) -> str:
    probabilities = answer.probabilities
    if names and len(names) != len(probabilities):
        raise UsageError(
            f"--labels: {options.labels} has {len(names)} names, but the model has "
            f"{len(probabilities)} classes: give assets/labels.txt of the version that answers"
        )
    order = sorted(
        range(len(probabilities)), key=lambda k: (k != answer.class_id, -probabilities[k])
    )
    known = {**dict(enumerate(names)), answer.class_id: answer.class_name}
    top = [(known.get(k, f"#{k}"), k, probabilities[k]) for k in order[: options.top]]
    if options.json:
        record = {
            "file": file,
            "class_id": answer.class_id,
            "class_name": answer.class_name,
            "probability": top[0][2],
            "top": [
                {"class_id": k, "class_name": known.get(k), "probability": p} for _, k, p in top
            ],
        }
        return json.dumps(record)
    most_probable = ", ".join(f"{name} {probability:.4f}" for name, _, probability in top)
    columns = (file, answer.class_name, f"{top[0][2]:.4f}", most_probable)
    return "\t".join("".join(c if c >= " " else " " for c in column) for column in columns)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _end(error: Exception, code: int) -> int:
    message = " ".join(str(error).split())
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]} ..."
    print(f"{pathlib.Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    return code
