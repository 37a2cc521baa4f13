# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The section `data`: which images a run learns from, and how they are varied."""

from snas_tf.config.key import Key

DATA = {
    "source": Key(
        "digits",
        "",
        'The images: "digits" (embedded), "tfds:<name>", "folder:<path>" (with a folder a class) '
        'or "npz:<path>" (arrays x, of any shape, and y, the classes). Or graphs: "graphs:cluster" '
        'or "graphs:cluster:COUNT" (drawn here), "tu:<folder>" (as TUDataset publishes them), '
        '"csv:<folder>" (nodes.csv, edges.csv, graphs.csv) or "npz:<path>" (arrays such as edges).',
    ),
    "data_dir": Key(
        "", "", 'Folder of TensorFlow Datasets; "" for its default, ~/tensorflow_datasets.'
    ),
    "batch_size": Key(64, "[1, inf)", "Images a step, over all replicas."),
    "num_images": Key(
        0,
        "[0, inf)",
        "Training and validation images to use, drawn class by class, the same for every seed; 0: "
        "all.",
    ),
    "validation_fraction": Key(
        0.2,
        "(0, 1)",
        "Part of the training images held out for validation; test images stay apart.",
    ),
    "folds": Key(
        0,
        "[0, inf)",
        "Cross-validation: of so many folds, 3 or more, one is the test and the next one the "
        "validation, the same for every seed; 0 holds out parts instead.",
    ),
    "fold": Key(0, "[0, inf)", "Which of the folds is the test, from 0."),
    "task": Key(
        "",
        ("", "graph", "node", "edge"),
        'What of the graphs is to be classified: each "graph", each "node" or each "edge".',
        only_with=("graph",),
    ),
    "both_directions": Key(
        False,
        "",
        "Whether every edge of the graphs counts in the opposite direction too, as of links that "
        "are listed once.",
        only_with=("graph",),
    ),
    "class_weights": Key(
        "none",
        ("none", "balanced"),
        'What a label counts for in the loss: as any other, or "balanced", the less the more of '
        "the training part are of its class, so that all classes count alike.",
        only_with=("graph",),
    ),
    "split_seed": Key(
        -1,
        "[-1, 2147483647]",
        "Seed of that division; -1: the run's seed. Searches that are to be compared share it.",
    ),
    "image_size": Key(
        0,
        "[0, inf)",
        "Images are resized to squares of this side in pixels; 0 keeps the size of the data set.",
    ),
    "crop_padding": Key(
        0,
        "[0, inf)",
        "Pixels of zeros around the image before a random crop of its own size; 0 does not crop.",
    ),
    "flip": Key(
        False, "", "Whether half of the training images are mirrored left to right. Not for digits."
    ),
    "cutout": Key(
        0,
        "[0, inf)",
        "Side in pixels of the square that cutout blanks in every training image of a search; 0: "
        "none.",
    ),
    "random_resized_crop": Key(
        False,
        "",
        "Whether a training image is a random part of the original, 8 to 100 % of its area and 3:4 "
        "to 4:3 in shape, resized to image_size (as for ImageNet); takes the place of "
        "crop_padding.",
    ),
    "resize_side": Key(
        0,
        "[0, inf)",
        "Where no random part is taken, as for validation and test: pixels to which the shorter "
        "side is resized before the central square of image_size is cut out; 0 resizes the whole "
        "image.",
    ),
    "color_jitter": Key(
        0.0,
        "[0, 1]",
        "Strength of random changes of brightness, contrast and saturation, and half of it for the "
        "hue; 0: none. 0.4 for ImageNet.",
    ),
}
