# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Sends a SavedModel whatever a client could, through TensorFlow's C++ session, and lives or not.

    python -m tests.serving.hostile_requests FOLDER [COUNT]

Every request must be answered by an error, or, if it was right after all, by as many probabilities
as it held images. Prints a line of JSON: how many were answered and refused, and the memory.
"""

import collections
import io
import json
import os
import pathlib
import random
import struct
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from PIL import Image

from snas_tf.serving.c_session import CSession

SHAPE = (8, 8, 1)
DTYPES = (
    "float16 float32 float64 int8 int16 int32 int64 uint16 uint32 uint64 bool complex64".split()
)
SETTLED = 0.2
"""Part of the requests after which the process has taken the memory that it needs."""


def pixels(random):
    """A request to serving_default: what is wrong with it, and an array."""
    kind = random.choice(
        ["right", "rank", "axis", "dtype", "strings", "huge", "many", "nothing", "not a number"]
    )
    right = np.frombuffer(random.randbytes(3 * 64), np.uint8).reshape(3, *SHAPE)
    match kind:
        case "right":
            return kind, right[: random.randint(1, 3)]
        case "rank":
            shape = [random.randint(0, 9) for _ in range(random.randint(0, 7))]
            return kind, np.zeros(shape, np.uint8)
        case "axis":
            shape = [random.randint(1, 3), *SHAPE]
            shape[random.randint(1, 3)] += random.choice([-1, 1, 2, 100])
            return kind, np.zeros(np.maximum(shape, 0), np.uint8)
        case "dtype":
            return kind, right.astype(random.choice(DTYPES))
        case "strings":
            return kind, np.array([random.randbytes(random.randint(0, 99))] * 3, object)
        case "huge":
            return kind, np.zeros(
                random.choice([(1, 2000, 2000, 1), (1, 2**22), (2**20,)]), np.uint8
            )
        case "many":
            return kind, np.zeros((random.choice([65, 1000, 50_000]), *SHAPE), np.uint8)
        case "nothing":
            return kind, np.zeros(random.choice([(0, *SHAPE), (1, 0, 8, 1), (0,)]), np.uint8)
        case "not a number":
            return kind, np.full((1, *SHAPE), random.choice([np.nan, np.inf, -1]), np.float32)


def file(random):
    """An image file, or something that pretends to be one."""
    sides = (random.randint(1, 40), random.randint(1, 40))
    mode = random.choice(["L", "RGB", "RGBA", "LA", "P"])
    image = Image.frombytes("L", sides, random.randbytes(sides[0] * sides[1])).convert(mode)
    kind = random.choice(["PNG", "JPEG", "GIF", "BMP", "WEBP"])
    content = io.BytesIO()
    (image if kind in ("PNG", "GIF") else image.convert("RGB")).save(content, kind)
    content = bytearray(content.getvalue())
    match random.choice(["whole", "cut", "flipped", "noise", "magic", "claim", "bomb", "tail"]):
        case "cut":
            content = content[: random.randint(0, len(content))]
        case "flipped":
            for _ in range(random.randint(1, 8)):
                content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        case "noise":
            content = random.randbytes(random.choice([0, 1, 7, 30, 5_000]))
        case "magic":
            start = random.choice([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0"])
            content = start + random.randbytes(random.randint(0, 300))
        case "claim":
            sides = [random.choice([0, 1, 2**13, 2**15, 2**31 - 1, 2**32 - 1]) for _ in range(2)]
            content = png(*sides, bytes(100))
        case "bomb":
            side = random.choice([100, 1_000])  # true to its word, and a thousandth of it to send
            content = png(side, side, bytes((3 * side + 1) * side))
        case "tail":
            content += random.randbytes(random.choice([1, 100_000]))
    return bytes(content)


def png(width, height, data):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in chunks
    )


def files(random):
    """A request to image_bytes: what it is, and an array."""
    kind = random.choice(["one", "one", "one", "some", "rank", "dtype", "many", "nothing", "long"])
    match kind:
        case "one":
            return kind, np.array([file(random)], object)
        case "some":
            return kind, np.array([file(random) for _ in range(3)], object)
        case "rank":
            shape = random.choice([(), (1, 1), (2, 1, 1), (1, 0)])
            array = np.empty(shape, object)
            array[...] = file(random)
            return kind, array
        case "dtype":
            return kind, np.zeros(random.choice([(1,), (3,), (3, *SHAPE)]), random.choice(DTYPES))
        case "many":
            return kind, np.array([file(random)] * random.choice([65, 3_000]), object)
        case "nothing":
            return kind, np.zeros((0,), object)
        case "long":
            return kind, np.array([b"\xff\xd8\xff" + random.randbytes(2**20)], object)


def check(answer, request):
    """An answer has a probability a class for every image of a right request."""
    probabilities = answer["probabilities"]
    assert probabilities.shape == (len(request), 10), (probabilities.shape, request.shape)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def resident_mib():
    """Memory that this process holds."""
    status = pathlib.Path("/proc/self/statm").read_text().split()
    return int(status[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(folder, count=10_000):
    source = random.Random(0)
    found, answered, errors = collections.Counter(), 0, collections.Counter()
    with CSession(folder) as session:
        for index in range(int(count)):
            name, key, make = source.choice(
                [("serving_default", "image", pixels), ("image_bytes", "image_bytes", files)]
            )
            kind, request = make(source)
            found[f"{name}: {kind}"] += 1
            key = key if source.random() < 0.98 else source.choice(["", "image", "other"])
            try:
                check(session.run(name, {key: request}), request)
                answered += 1
            except (tf.errors.OpError, KeyError) as error:
                errors[type(error).__name__] += 1
            if index == int(SETTLED * int(count)):
                settled = resident_mib()
    result = {
        "requests": sum(found.values()),
        "answered": answered,
        "errors": errors,
        "settled_mib": round(settled),
        "end_mib": round(resident_mib()),
        "kinds": found,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
