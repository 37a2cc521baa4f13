# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Examples in the record files of a TFDS data set, read from disk when they are needed.

Shuffling is this module's own: TFDS's shuffles depend on TensorFlow's global seed, which would make
the order of a resumed run another one.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from snas_tf.data.images import shown_pixels
from snas_tf.data.images.framing import Frame, Framing
from snas_tf.data.splits import ArraySplit, Reader, Split, no_seeds

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

SHUFFLE_BUFFER = 8192
"""Examples, still encoded, that are shuffled together: 0.9 GB of ImageNet's, up to four times."""

_FILES_AT_ONCE = 16


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RecordFiles:
    """The files of one split of a TFDS data set and how to understand them.

    Attributes:
        paths: The files.
        lengths: Examples in each file.
        adapter: TFDS's reader of this format of file.
        image: TFDS's image feature.
        image_key: Its name.
        label: TFDS's label feature.
        label_key: Its name.
    """

    paths: tuple[str, ...]
    lengths: tuple[int, ...]
    adapter: Any
    image: Any
    image_key: str
    label: Any
    label_key: str

    @classmethod
    def of(
        cls, builder: tfds.core.DatasetBuilder, part: str, image_key: str, label_key: str
    ) -> RecordFiles:
        """The files of the split `part` of a prepared data set."""
        from tensorflow_datasets.core import file_adapters

        info = builder.info.splits[part]
        return cls(
            paths=tuple(str(path) for path in info.filepaths),
            lengths=tuple(int(length) for length in info.shard_lengths),
            adapter=file_adapters.ADAPTER_FOR_FORMAT[builder.info.file_format],
            image=builder.info.features[image_key],
            image_key=image_key,
            label=builder.info.features[label_key],
            label_key=label_key,
        )

    def labels(self) -> np.ndarray:
        """The label of every example, int32 [examples]; no image is decoded."""
        import tensorflow_datasets as tfds

        features = tfds.features.FeaturesDict({self.label_key: self.label})
        paths = tf.data.Dataset.from_tensor_slices(list(self.paths))
        records = paths.flat_map(self.adapter.make_tf_data)
        labels = records.map(
            lambda record: features.deserialize_example(record)[self.label_key],
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        return np.concatenate(list(labels.batch(4096).as_numpy_iterator())).astype(np.int32)


class RecordSplit(Split):
    """Examples in record files. Its keys are the encoded examples themselves.

    Shuffled, the files come in a random order, several at once, and the examples pass through a
    buffer of `SHUFFLE_BUFFER` in which they are permuted.

    Args:
        files: Where the examples are.
        labels: int32 [size], of the examples that belong to the split.
        included: bool [examples in the files], which of them belong to the split.
        framing: How images are brought to one size.
    """

    def __init__(
        self, files: RecordFiles, labels: np.ndarray, included: np.ndarray, framing: Framing
    ) -> None:
        super().__init__(labels, framing.image_shape(files.image.shape), framing)
        self.files = files
        self.included = included

    @classmethod
    def open(cls, files: RecordFiles, framing: Framing) -> RecordSplit:
        """All examples of the files; reads every label once."""
        labels = files.labels()
        return cls(files, labels, np.ones(len(labels), bool), framing)

    def subset(self, indices: np.ndarray) -> RecordSplit:
        """The examples at ascending `indices`."""
        included = np.zeros_like(self.included)
        included[np.flatnonzero(self.included)[indices]] = True
        return RecordSplit(self.files, self.labels[indices], included, self.framing)

    def keys(self, seed: tf.Tensor | None) -> tf.data.Dataset:
        """The encoded examples, in the order of the files or shuffled."""
        included = tf.constant(self.included)
        lengths = tf.constant(self.files.lengths, tf.int64)
        starts = tf.cumsum(lengths, exclusive=True)
        paths = tf.constant(self.files.paths)

        def records(file: tf.Tensor) -> tf.data.Dataset:
            numbers = tf.data.Dataset.range(starts[file], starts[file] + lengths[file])
            numbered = tf.data.Dataset.zip(numbers, self.files.adapter.make_tf_data(paths[file]))
            kept = numbered.filter(lambda number, _: included[number])
            return kept.map(lambda _, record: record)

        files = tf.range(len(self.files.paths))
        if seed is None:
            return tf.data.Dataset.from_tensor_slices(files).flat_map(records)
        file_seed, buffer_seed = tf.unstack(tf.random.split(seed, 2))
        files = tf.random.experimental.stateless_shuffle(files, file_seed)
        mixed = tf.data.Dataset.from_tensor_slices(files).interleave(
            records,
            cycle_length=min(_FILES_AT_ONCE, len(self.files.paths)),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

        def permuted(number: tf.Tensor, buffer: tf.Tensor) -> tf.Tensor:
            seed = tf.random.experimental.stateless_fold_in(buffer_seed, number)
            order = tf.random.experimental.stateless_shuffle(tf.range(tf.shape(buffer)[0]), seed)
            return tf.gather(buffer, order)

        buffers = mixed.batch(SHUFFLE_BUFFER).enumerate().map(permuted)
        return buffers.prefetch(1).unbatch()  # one is filled while another one is used up

    def reader(self, frame: Frame | None = None) -> Reader:
        """Decodes and frames the examples of a batch.

        JPEG is not left to TFDS, whose decoder differs from a server's by up to 15 levels.
        """
        import tensorflow_datasets as tfds

        files, frame = self.files, frame or self.framing
        features = tfds.features.FeaturesDict(
            {files.image_key: files.image, files.label_key: files.label}
        )

        def decode(record: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            example = features.deserialize_example(record, decoders=encoded)
            stored = shown_pixels.stored_pixels(example[files.image_key], files.image.shape[-1])
            stored.set_shape(files.image.shape)
            image = tf.ensure_shape(frame(stored, seed), self.image_shape)
            return image, tf.cast(example[files.label_key], tf.int32)

        encoded = {files.image_key: tfds.decode.SkipDecoding()}
        signature = (tf.TensorSpec(self.image_shape, tf.uint8), tf.TensorSpec((), tf.int32))

        def read(records: tf.Tensor, seeds: tf.Tensor | None = None) -> tuple[tf.Tensor, tf.Tensor]:
            pairs = (records, no_seeds(records) if seeds is None else seeds)
            return tf.map_fn(lambda pair: decode(*pair), pairs, fn_output_signature=signature)

        return read

    def decoded(self, *, keep_originals: bool) -> ArraySplit:
        """The split in memory.

        Args:
            keep_originals: Whether images, which must then have one size, are framed when they are
                read, not now.
        """
        source = self
        if keep_originals:
            source = RecordSplit(self.files, self.labels, self.included, Framing())
        images = np.empty((self.size, *source.image_shape), np.uint8)
        batches = source.keys(None).batch(256)
        batches = batches.map(source.reader(), num_parallel_calls=tf.data.AUTOTUNE)
        start = 0
        for batch, _ in batches.as_numpy_iterator():
            images[start : start + len(batch)] = batch
            start += len(batch)
        return ArraySplit(images, self.labels, self.framing if keep_originals else None)
