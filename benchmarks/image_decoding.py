# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Images a second that a training decodes, beside TensorFlow's and Pillow's own decoders.

    python benchmarks/image_decoding.py --images=1000 --threads=2

Photographs of 500x375 pixels, parts of one that scikit-learn has, as JPEG and as PNG. TensorFlow's
`decode_image` turns nothing, drops what is transparent, and takes a less exact transform for JPEG.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps
from sklearn.datasets import load_sample_images

from snas_tf.data.images.image_decoding import decode


def main() -> None:
    """Prints a line for each format and decoder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    decoders = {"decode_image": _decode_image, "Pillow": _pillow, "snas_tf": decode}
    for kind in ("JPEG", "PNG"):
        files = _files(kind, arguments.images)
        for name, decoder in decoders.items():
            speed = _speed(decoder, files, arguments.threads)
            print(f"{kind:5} {name:13} {speed:7.0f} images/s")


def _files(kind: str, count: int) -> list[bytes]:
    photograph = load_sample_images().images[0]
    random = np.random.default_rng(0)
    files = []
    for _ in range(count):
        top, left = random.integers(0, np.subtract(photograph.shape[:2], (375, 500)) + 1)
        content = io.BytesIO()
        part = Image.fromarray(photograph[top : top + 375, left : left + 500])
        part.save(content, kind, quality=90)
        files.append(content.getvalue())
    return files


def _decode_image(content: bytes) -> tf.Tensor:
    return tf.io.decode_image(content, 3, expand_animations=False)


def _pillow(content: bytes) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"))


def _speed(decoder: Callable[[bytes], object], files: list[bytes], threads: int) -> float:
    decoder(files[0])
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(decoder, files):
            pass
    return len(files) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
