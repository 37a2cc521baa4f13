# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Trains a child network on ImageNet with the settings of the paper's released code.

    python -m snas_tf.main --mode=train --config=configs/imagenet_train.py --workdir=runs/imagenet

The images (ILSVRC 2012) cannot be downloaded by a program. Prepare them once, as TFDS says at
https://www.tensorflow.org/datasets/catalog/imagenet2012, and name the folder with
--config.data.data_dir=... The 50,000 official validation images, on which the field reports its
results, are this package's test images; 1 % of the training images is held out for validation.

Expected, from the paper: 27.3 % top-1 and 9.2 % top-5 test error, with 4.3 million weights and 522
million multiply-adds; from a later work of the same group: 288 GPU hours. This genotype with 48
channels has 3.942 million weights and 438 million multiply-adds by this project's count, without
the auxiliary classifier; the paper's pair of figures belongs to no published genotype and width
(SNAS_MODERATE: 4.314 and 466 million). Not repeated by this project yet. Other networks:

    --config.train.init_channels=50             mild with 4.239 million weights
    --config.train.genotype=SNAS_MODERATE       what the released code trains, with 50 channels
    --config.train.genotype=runs/cifar10/genotype.json    found by configs/cifar10_search.py

Images are decoded and varied while the network learns, which takes about 8 ms of a core each: a
fast GPU needs many cores. Each start reads all files once for the labels (minutes), a run needs 4
GB of memory for shuffling. Several GPUs: --config.distribution=mirrored.
"""

from snas_tf import config as base


def get_config():
    """The released code's training: 14 cells of 48 channels, 250 epochs."""
    config = base.get_config()

    config.data.source = "tfds:imagenet2012"
    config.data.batch_size = 128
    config.data.validation_fraction = 0.01
    config.data.image_size = 224
    config.data.resize_side = 256
    config.data.random_resized_crop = True
    config.data.flip = True
    config.data.color_jitter = 0.4

    config.network.stem = "imagenet"

    train = config.train
    train.epochs = 250
    train.num_cells = 14
    train.init_channels = 48
    train.genotype = "SNAS_MILD"
    train.learning_rate = 0.1
    train.schedule = "exponential"
    train.learning_rate_decay = 0.97
    train.momentum = 0.9
    train.weight_decay = 3e-5
    train.clip_norm = 5.0
    train.drop_path = 0.0
    train.auxiliary_weight = 0.4
    train.label_smoothing = 0.1
    return config
