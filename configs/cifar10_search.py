# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Search on CIFAR-10 with the settings of the paper and its released code (arXiv 1812.09926).

    python -m snas_tf.main --mode=search --config=configs/cifar10_search.py --workdir=runs/cifar10

Expected, from the paper: 1.5 days on one GPU of 2018; about 88 % validation accuracy of the
supernet, and a child that keeps it without retraining. Not repeated by this project yet. The images
(170 MB) are prepared once, with a network: tfds build cifar10 --data_dir=DIR, and found by
--config.data.data_dir=DIR, or without both in the default folder of TensorFlow Datasets.

Differences from the released code: part of the training images is held out for validation, where
that code looks at the test images; the cosine ends at 0, as the paper says, where that code ends at
0.001; the logits are updated by Adam, as the paper says and that code does on several GPUs.
"""

from snas_tf import config as base


def get_config():
    """The paper's search; 8 cells of 16 channels hold 1,930,618 weights."""
    config = base.get_config()

    config.data.source = "tfds:cifar10"
    config.data.batch_size = 64
    config.data.validation_fraction = 0.1
    config.data.crop_padding = 4
    config.data.flip = True

    config.network.num_cells = 8
    config.network.init_channels = 16

    search = config.search
    search.epochs = 150
    search.learning_rate = 0.025
    search.final_learning_rate = 0.0
    search.momentum = 0.9
    search.weight_decay = 3e-4
    search.clip_norm = 5.0
    search.architecture_learning_rate = 3e-4
    search.architecture_beta_1 = 0.5
    search.architecture_beta_2 = 0.999
    search.architecture_weight_decay = 1e-3
    search.architecture_clip_norm = 10.0
    search.initial_temperature = 1.0
    search.final_temperature = 0.03
    return config
