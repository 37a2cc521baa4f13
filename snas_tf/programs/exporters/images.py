# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The export of a network of images, or of other examples that are arrays of one shape."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from ml_collections import ConfigDict

from snas_tf import data, serving
from snas_tf.networks import ImageNetwork
from snas_tf.programs.datasets import dataset
from snas_tf.serving.saved_model import Describe

_EXAMPLES = 128
_BATCH = 32


class ImageExporter:
    """See `Exporter`; of pixels and of files, or of examples as they are.

    Args:
        export: The part `export` of the config.
        recorded: The part `data` of the config that the run recorded.
        images: The data set that the run began with.
    """

    examples = "images"
    answer = "probability"

    def __init__(self, export: ConfigDict, recorded: ConfigDict, images: data.ImageData) -> None:
        self._export = export
        self._recorded = recorded
        self._images = images
        self._test = dataset.spread(images.test, export.num_test_images or images.test.size)

    def write(
        self, network: ImageNetwork, folder: pathlib.Path, describe: Describe
    ) -> serving.Exported:
        """See `Exporter`."""
        images = self._images
        ((examples, _),) = dataset.pixels(dataset.spread(images.validation, _EXAMPLES), _EXAMPLES)
        frame = dataset.framing(self._recorded).fitting(images.image_shape)
        return serving.export(
            network,
            folder,
            normalization=data.normalization(images),
            frame=frame if images.train.holds_images else None,
            class_names=images.class_names,
            examples=examples,
            most_images=self._export.max_batch_size,
            extra_formats=self._export.formats,
            keep=self._export.keep_versions,
            describe=describe,
        )

    def measured(
        self, draft: pathlib.Path, formats: Mapping[str, pathlib.Path]
    ) -> Mapping[str, Any]:
        """See `Exporter`."""
        batch_size = min(_BATCH, self._export.max_batch_size)
        return {
            "accuracy": _accuracies(draft, formats, self._test, batch_size),
            "test_images": {"measured": self._test.size, "all": self._images.test.size},
        }

    def lines(self, exported: serving.Exported) -> Sequence[str]:
        """See `Exporter`."""
        images = self._images
        pictures = images.train.holds_images
        shape = ", ".join(map(str, ("batch", *images.image_shape)))
        names = ", ".join(images.class_names[:12]) + (", ..." if images.num_classes > 12 else "")
        name = serving.IMAGE if pictures else serving.EXAMPLE
        files = (
            f"Signature {serving.BYTES_SIGNATURE}: image_bytes string (batch,), PNG or JPEG files "
            "of any size"
        )
        return (
            f"Signature {serving.IMAGE_SIGNATURE}: {name} {images.dtype} ({shape})",
            *([files] if pictures else []),
            f"{'Both answer' if pictures else 'It answers'} class_id, class_name, probabilities, "
            f"logits for up to {exported.metadata['most_images']} images; classes: {names}.",
        )


def _accuracies(
    draft: pathlib.Path, formats: Mapping[str, pathlib.Path], test: data.Split, batch_size: int
) -> dict[str, float]:
    """The part of the test images that each file puts into the right class."""
    files = {"saved_model": draft, **formats}
    predictors = {name: serving.predictor(path) for name, path in files.items()}
    right = dict.fromkeys(predictors, 0)
    for images, labels in dataset.pixels(test, batch_size):
        for name, predict in predictors.items():
            right[name] += int((predict(images).argmax(axis=1) == labels).sum())
    return {name: count / test.size for name, count in right.items()}
