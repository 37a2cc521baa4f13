# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The recipes for CIFAR-10 in a size that two cores finish in minutes: 4,000 images of 16x16.

    python -m snas_tf.main --mode=search --config=configs/cifar10_part.py --workdir=runs/part
    python -m snas_tf.main --mode=train --config=configs/cifar10_part.py --workdir=runs/part

With a resource constraint, or on the first 4,000 images of another prepared data set:

    --config=configs/cifar10_part.py:aggressive          or :mild, :moderate
    --config.data.source=tfds:fashion_mnist --config.data.flip=false

Expected: minutes on two cores, and accuracies that compare constraints, not networks. Measured in
a smaller size (two nodes a cell, 3,000 images of 12x12, 13 epochs; five seeds): children without
retraining have 36.6, 36.1, 35.8 and 31.1 % of the validation images right, with 17,888, 15,544,
10,239 and 6,962 weights from no constraint to the aggressive one; under two minutes of a core each.
"""

from snas_tf import config as base


def get_config(level: str = "none"):
    """A small search and training.

    Args:
        level: Resource constraint: "none", "mild", "moderate" or "aggressive".
    """
    config = base.get_config()

    config.data.source = "tfds:cifar10"
    config.data.num_images = 4000
    config.data.image_size = 16
    config.data.crop_padding = 2
    config.data.flip = True

    search = config.search
    search.epochs = 15
    search.resource_weight = base.resource_weight(level)

    train = config.train
    train.epochs = 30
    train.init_channels = 16
    train.drop_path = 0.1
    train.cutout = 4
    return config
