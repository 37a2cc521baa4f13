# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The section `train`: how a child network learns by itself."""

from snas_tf.config.key import Key
from snas_tf.config.space_keys import OF_CELLS

TRAIN = {
    "epochs": Key(60, "[1, inf)", "Passes over the training images."),
    "num_cells": Key(
        0,
        "[0, inf)",
        "Cells of the child network, counted as network.num_cells; 0: that.",
        only_with=OF_CELLS,
    ),
    "init_channels": Key(
        0,
        "[0, inf)",
        "Channels of its first cell, even; 0: network.init_channels.",
        only_with=OF_CELLS,
    ),
    "genotype": Key(
        "",
        "",
        'What to build: "" for the run\'s own genotype.json, a path, or a name such as '
        '"SNAS_MILD".',
    ),
    "inherit": Key(False, "", "Whether the child starts from the weights that the search left."),
    "batch_size": Key(0, "[0, inf)", "Images a step, over all replicas; 0: data.batch_size."),
    "learning_rate": Key(
        0.05, "(0, inf)", "SGD: learning rate of the first step; a cosine leads to the last."
    ),
    "final_learning_rate": Key(
        0.0, "[0, inf)", "Learning rate of the last step, at most that of the first."
    ),
    "schedule": Key(
        "cosine",
        ("cosine", "exponential"),
        'The way between them: "cosine", or "exponential", a decay every epoch that ignores the '
        "last.",
    ),
    "learning_rate_decay": Key(0.97, "(0, 1]", "Factor of an exponential schedule an epoch."),
    "warmup_epochs": Key(
        0,
        "[0, inf)",
        "Epochs in which the learning rate rises from 0 to the first, before its schedule; fewer "
        "than epochs.",
    ),
    "momentum": Key(0.9, "[0, 1)", "Momentum of SGD."),
    "weight_decay": Key(
        3e-4, "[0, inf)", "What is added to the gradient, times the weight (coupled L2)."
    ),
    "clip_norm": Key(5.0, "(0, inf)", "Global norm at which gradients are clipped."),
    "synchronized_batch_norm": Key(
        False,
        "",
        "Whether batch normalisation takes its statistics from the images of all devices, as in "
        "search.",
    ),
    "drop_path": Key(
        0.0,
        "[0, 1)",
        "Probability to drop an edge for an image, in the last epoch; it rises from 0.",
        only_with=OF_CELLS,
    ),
    "auxiliary_weight": Key(
        0.0,
        "[0, inf)",
        "Weight of the auxiliary classifier's loss; 0 builds none.",
        only_with=OF_CELLS,
    ),
    "cutout": Key(
        0,
        "[0, inf)",
        "Side in pixels of the square that cutout blanks in every training image; 0: none.",
    ),
    "label_smoothing": Key(
        0.0,
        "[0, 1)",
        "Part of each label that is spread over all classes, in the loss of training images.",
    ),
    "ema_decay": Key(
        0.0,
        "[0, 1)",
        "Decay a step of a moving average of the weights, which is what is evaluated and kept; 0: "
        "none. Such as 0.999, to which it rises as (1 + steps) / (10 + steps).",
    ),
    "recalibrate": Key(
        "auto",
        ("auto", "on", "off"),
        "When the statistics of batch normalisation are measured anew over all training images, "
        'before a validation, instead of being the running ones: "auto", within the first 100 '
        'steps, in which these lag behind; "on", after every epoch; "off", never. It changes '
        "nothing that is learnt.",
    ),
}
