# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How an image of any size is brought to the one that a network expects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import tensorflow as tf

from snas_tf.data.images.resizing import central_square, resize
from snas_tf.errors import InvalidInput

Frame = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""From one decoded image, uint8 [height, width, channels], and a seed, int32 [2], to one of the
size that a network expects, uint8 [image height, image width, channels]."""


@dataclasses.dataclass(frozen=True, slots=True)
class Framing:
    """The framing that every pass over a split has unless it is given another `Frame`.

    Attributes:
        image_size: Height and width in pixels of what a network sees; 0 keeps the images' own size,
            which must then be one for all.
        resize_side: Pixels to which the shorter side is resized before the central square of
            `image_size` is cut out; 0 resizes the whole image to that square.

    Raises:
        InvalidInput: A number is below 0, or the two do not go together.
    """

    image_size: int = 0
    resize_side: int = 0

    def __post_init__(self) -> None:
        if self.image_size < 0:
            raise InvalidInput(
                "`data.image_size` must be a number of pixels, or 0 to keep the images' own size: "
                f"given {self.image_size}"
            )
        if self.resize_side < 0:
            raise InvalidInput(
                "`data.resize_side` must be a number of pixels, or 0 to resize whole images: "
                f"given {self.resize_side}"
            )
        if self.resize_side and not self.image_size:
            raise InvalidInput(
                "`data.image_size` must be given with `data.resize_side`: given 0; do set the side "
                "of the square that is cut out"
            )
        if 0 < self.resize_side < self.image_size:
            raise InvalidInput(
                "`data.resize_side` must be at least `data.image_size`, which is "
                f"{self.image_size}: given {self.resize_side}"
            )

    def __call__(self, images: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:
        """Frames one image, or a batch of images of one size.

        Args:
            images: uint8 [..., height, width, channels] with 3 or 4 axes.
            seed: Not used: a `Frame` takes one.

        Returns:
            uint8 [..., image height, image width, channels].
        """
        if self.resize_side:
            return central_square(images, self.resize_side, self.image_size)
        if self.image_size and tuple(images.shape[-3:-1]) != (self.image_size, self.image_size):
            return resize(images, self.image_size, self.image_size)
        return images

    def fitting(self, image_shape: tuple[int, int, int]) -> Callable[[tf.Tensor], tf.Tensor]:
        """How an image of any size from elsewhere is brought to what a network expects.

        Args:
            image_shape: (height, width, channels) of the framed images of the data set. Where the
                framing keeps the images' own size, other images are resized whole to it.

        Returns:
            A function from uint8 [any height, any width, channels] to uint8 `image_shape`.
        """

        def frame(image: tf.Tensor) -> tf.Tensor:
            height, width, _ = image_shape
            return self(image) if self.image_size else resize(image, height, width)

        return frame

    def image_shape(self, shape: Sequence[int | None]) -> tuple[int, int, int]:
        """The shape of framed images.

        Args:
            shape: (height, width, channels) of the images as they are, None where they differ.

        Raises:
            InvalidInput: The images differ in size and `image_size` is 0.
        """
        height, width, channels = shape
        if self.image_size:
            return self.image_size, self.image_size, channels
        if height is None or width is None:
            raise InvalidInput(
                "`data.image_size` must be given for a data set whose images differ in size: given "
                "0; do set the height and width to which all are resized"
            )
        return height, width, channels
