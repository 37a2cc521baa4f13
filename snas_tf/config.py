# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The one default config: every key with its meaning, unit and range.

The defaults search on the handwritten digits that come with scikit-learn, in a few minutes on two
cores. A config file changes some of them (see configs/), and so does `--config.search.epochs=30` on
the command line. Every config has exactly these keys, with values of the same types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ml_collections import ConfigDict

from snas_tf import space
from snas_tf.errors import InvalidInput

RESOURCE_WEIGHTS = {"none": 0.0, "mild": 0.01, "moderate": 0.03, "aggressive": 0.1}
"""eta of the paper's three levels, which never published its own.

Measured by benchmarks/resource_levels.py, the C of the children, relative to the mean of all
networks, is 0.91, 0.74, 0.56 and 0.33 on the digits, and 1.06, 0.84, 0.52 and 0.29 on a part of
CIFAR-10. That of the published cells on skeletons of 3 to 20 cells: moderate 0.80 to 0.86,
aggressive 0.39 to 0.43, mild 0.32 to 0.40. These are not in the order of their names, so no eta in
that order can give their costs: the levels are a factor of about three apart; moderate's cost lies
around that of mild here, and aggressive's between moderate's and aggressive's.
"""


def get_config() -> ConfigDict:
    """The default config, locked: its keys are all there are.

    Returns:
        A new `ConfigDict`; unlock it to add what a program of your own needs.
    """
    config = ConfigDict(sort_keys=False)

    # All randomness of a run follows from it: split, weights, samples, shuffling, augmentation.
    config.seed = 0

    # Devices that take their share of each batch: "one_device"; "mirrored", every GPU of this
    # machine; "multi_worker", those of the machines in the environment variable TF_CONFIG; "tpu";
    # or "auto", several workers where TF_CONFIG lists them, several GPUs where there are.
    config.distribution = "auto"

    config.data = data = ConfigDict(sort_keys=False)
    # The images: "digits" (embedded), "tfds:<name>" or "folder:<path>" (with a folder a class).
    data.source = "digits"
    # Folder of TensorFlow Datasets; "" for its default, ~/tensorflow_datasets.
    data.data_dir = ""
    # Images a step, over all replicas, at least 1.
    data.batch_size = 64
    # Training and validation images to use, drawn class by class, the same for every seed; 0: all.
    data.num_images = 0
    # Part of the training images held out for validation, in (0, 1); test images stay apart.
    data.validation_fraction = 0.2
    # Seed of that division; -1: the run's seed. Searches that are to be compared share it.
    data.split_seed = -1
    # Images are resized to squares of this side in pixels; 0 keeps the size of the data set.
    data.image_size = 0
    # Pixels of zeros around the image before a random crop of its own size; 0 does not crop.
    data.crop_padding = 0
    # Whether half of the training images are mirrored left to right. Not for digits.
    data.flip = False
    # Side in pixels of the square that cutout blanks in every training image of a search; 0: none.
    data.cutout = 0
    # Whether a training image is a random part of the original, 8 to 100 % of its area and 3:4 to
    # 4:3 in shape, resized to image_size (as for ImageNet); takes the place of crop_padding.
    data.random_resized_crop = False
    # Where no random part is taken, as for validation and test: pixels to which the shorter side is
    # resized before the central square of image_size is cut out; 0 resizes the whole image.
    data.resize_side = 0
    # Strength of random changes of brightness, contrast and saturation, and half of it for the hue,
    # in [0, 1]; 0: none. 0.4 for ImageNet.
    data.color_jitter = 0.0

    config.space = cells = ConfigDict(sort_keys=False)
    # Intermediate nodes of a cell, at least 1; 4 in the paper.
    cells.num_nodes = 4
    # Candidate operations of every edge, some of snas_tf.space.PRIMITIVES, in any order.
    cells.primitives = space.PRIMITIVES
    # First layers: "cifar" keeps the resolution, "imagenet" divides it by 8.
    cells.stem = "cifar"

    config.search = _search()
    config.train = _train()
    config.evaluate = evaluate = ConfigDict(sort_keys=False)
    # Whether networks are also measured on the test images with statistics of batch normalisation
    # that are measured anew over all training images, in a column of their own.
    evaluate.recalibrate = False

    config.latency = _latency()
    config.export = _export()
    config.runtime = _runtime()
    return config.lock()


def _search() -> ConfigDict:
    search = ConfigDict(sort_keys=False)
    # Passes over the training images, at least 1.
    search.epochs = 60
    # Cells of the supernet, at least 1; those at 1/3 and 2/3 of the depth are reduction cells.
    search.num_cells = 3
    # Channels of the first cell, even; a reduction cell doubles them.
    search.init_channels = 8
    # How Z is drawn: "concrete" (SNAS) or "softmax" (the deterministic mixture of DARTS); or
    # one-hot, whose steps run one operation an edge, as "straight_through" (GDAS) or
    # "score_function" (DSNAS).
    search.estimator = "concrete"
    # Whether several devices use one Z in a step, as one device does; else each draws its own.
    search.shared_samples = False
    # Whether batch normalisation takes its statistics from the images of all devices, as one device
    # does; else each has its own. Not with runtime.jit_compile or one operation an edge.
    search.synchronized_batch_norm = False
    # How the genotype is read: "argmax" of every edge (SNAS) or "top2" edges into a node (DARTS).
    search.derivation = "argmax"
    # SGD of the weights: learning rate of the first step, above 0; a cosine leads to the last.
    search.learning_rate = 0.05
    # ... and of the last step, at least 0 and at most the first.
    search.final_learning_rate = 0.0
    # ... its momentum, in [0, 1).
    search.momentum = 0.9
    # ... what is added to the gradient, times the weight (coupled L2), at least 0.
    search.weight_decay = 3e-4
    # ... global norm at which gradients are clipped, above 0.
    search.clip_norm = 5.0
    # Adam of the logits: constant learning rate, above 0.
    search.architecture_learning_rate = 0.05
    # ... decay of the first moment, in [0, 1).
    search.architecture_beta_1 = 0.5
    # ... decay of the second moment, in [0, 1).
    search.architecture_beta_2 = 0.999
    # ... what is added to the gradient, times the logit, at least 0.
    search.architecture_weight_decay = 0.0
    # ... global norm at which gradients are clipped, above 0.
    search.architecture_clip_norm = 10.0
    # Temperature lambda of the first step, above 0; it falls linearly.
    search.initial_temperature = 1.0
    # ... and of the last step, above 0 and at most the first.
    search.final_temperature = 0.03
    # eta: weight of the resource cost in the loss, at least 0; 0 searches for accuracy alone, or
    # with a target takes 1. RESOURCE_WEIGHTS has the calibrated ones: mild, moderate, aggressive.
    search.resource_weight = 0.0
    # How the costs of the edges add up: "linear" (the paper) or "log" (the authors' code).
    search.resource_form = "linear"
    # The cost's gradient: exact "expectation", "reparameterized" sample, or "score_function".
    search.resource_gradient = "expectation"
    # What counts as cost, each relative to that of the uniform distribution, at least 0: parameters
    search.parameters_weight = 1.0
    # ... multiply-adds
    search.multiply_adds_weight = 1.0
    # ... memory access
    search.memory_access_weight = 1.0
    # ... and latency, which needs a table.
    search.latency_weight = 0.0
    # File that --mode=latency wrote, latency_table.json; "" for none.
    search.latency_table = ""
    # Device of that table, by the name in it; "" for the one that searches.
    search.latency_device = ""
    # At most so many parameters in the found network; 0: no target.
    search.target_parameters = 0
    # At most so many multiply-adds for one image in the found network; 0: no target.
    search.target_multiply_adds = 0
    # At most so many milliseconds by the latency table; 0: no target.
    search.target_latency = 0.0
    # Searches with the seeds seed, seed + 1, ..., of which the best child is kept; 1: one search.
    search.num_seeds = 1
    # Epochs that each child is trained by itself, from its weights, before the best is chosen.
    search.selection_epochs = 5
    return search


def _train() -> ConfigDict:
    train = ConfigDict(sort_keys=False)
    # Passes over the training images, at least 1.
    train.epochs = 60
    # Cells of the child network; 0: as in the search.
    train.num_cells = 0
    # Channels of its first cell, even; 0: as in the search.
    train.init_channels = 0
    # What to build: "" for the run's own genotype.json, a path, or a name such as "SNAS_MILD".
    train.genotype = ""
    # Whether the child starts from the weights that the search left in it.
    train.inherit = False
    # Images a step, over all replicas; 0: data.batch_size.
    train.batch_size = 0
    # SGD: learning rate of the first step, above 0; a cosine leads to the last.
    train.learning_rate = 0.05
    # ... and of the last step, at least 0 and at most the first.
    train.final_learning_rate = 0.0
    # The way between them: "cosine", or "exponential", a decay every epoch that ignores the last.
    train.schedule = "cosine"
    # Factor of an exponential schedule an epoch, in (0, 1].
    train.learning_rate_decay = 0.97
    # Epochs in which the learning rate rises from 0 to the first, before its schedule; at least 0
    # and fewer than there are.
    train.warmup_epochs = 0
    # ... its momentum, in [0, 1).
    train.momentum = 0.9
    # ... what is added to the gradient, times the weight (coupled L2), at least 0.
    train.weight_decay = 3e-4
    # ... global norm at which gradients are clipped, above 0.
    train.clip_norm = 5.0
    # Whether batch normalisation takes its statistics from the images of all devices, as in search.
    train.synchronized_batch_norm = False
    # Probability to drop an edge for an image, in the last epoch, in [0, 1); it rises from 0.
    train.drop_path = 0.0
    # Weight of the auxiliary classifier's loss, at least 0; 0 builds none.
    train.auxiliary_weight = 0.0
    # Side in pixels of the square that cutout blanks in every training image; 0: none.
    train.cutout = 0
    # Part of each label that is spread over all classes, in the loss of training images, in [0, 1).
    train.label_smoothing = 0.0
    # Decay a step of a moving average of the weights, in [0, 1), which is what is evaluated and
    # kept; 0: none. Such as 0.999, to which it rises as (1 + steps) / (10 + steps).
    train.ema_decay = 0.0
    # When the statistics of batch normalisation are measured anew over all training images, before
    # a validation, instead of being the running ones: "auto", within the first 100 steps, in which
    # these lag behind; "on", after every epoch; "off", never. It changes nothing that is learnt.
    train.recalibrate = "auto"
    return train


def _latency() -> ConfigDict:
    latency = ConfigDict(sort_keys=False)
    # Images that a network answers at once, at least 1.
    latency.batch_size = 1
    # Times each operation is timed, at least 1; the fastest tenth counts.
    latency.repetitions = 50
    # Random child networks whose latency is predicted and measured; 0: none.
    latency.num_children = 20
    return latency


def _export() -> ConfigDict:
    export = ConfigDict(sort_keys=False)
    # The network to export, and to predict by: "best", the most accurate one on the validation
    # images; "child", as the search left it; or "last" or "best_epoch" of the training.
    export.network = "best"
    # Whether to export it even where its accuracy on the validation images may be chance.
    export.allow_chance = False
    # Files to write beside the SavedModel: some of "litert", "litert_int8" and "onnx".
    export.formats = ()
    # Images that a request may hold, at least 1; a larger one is refused.
    export.max_batch_size = 256
    # Newest versions that stay when another is written; 0: all.
    export.keep_versions = 0
    # Test images on which all that was written is measured, of every class its part; 0: all.
    export.num_test_images = 1000
    return export


def _runtime() -> ConfigDict:
    runtime = ConfigDict(sort_keys=False)
    # Arithmetic: "float32" or "mixed_bfloat16" (half the memory; slow on most CPUs).
    runtime.dtype_policy = "float32"
    # Whether XLA compiles the step.
    runtime.jit_compile = False
    # Whether each cell of the supernet is computed again for the backward pass: a search of many
    # cells needs 0.3 of the memory and a quarter more time; one of three cells, 0.7.
    runtime.rematerialize = False
    # Whether a run is refused whose step needs more memory than there is, by estimate.
    runtime.memory_check = True
    # Whether a run goes on with image files whose content is no longer the recorded one, as when a
    # damaged one was mended. Files that were added or removed are never accepted.
    runtime.accept_changed_files = False
    # Steps that run in one call of the device, at least 1.
    runtime.steps_per_execution = 1
    # Seconds between checkpoints within an epoch, above 0; one is written at its end in any case.
    runtime.checkpoint_seconds = 600.0
    # Whether TensorFlow's graph optimizer goes over the step before it first runs: "on", "off", or
    # "auto": not for a search on a CPU, whose first step takes half of the time without it and the
    # others as long as with it.
    runtime.optimize_graph = "auto"
    # Custom C++ ops, compiled at first use: "on", "off", or "auto": on a CPU that has a C++
    # compiler. They are for float32, and save a third of a search step's time and of its memory.
    runtime.native_operations = "auto"
    # Threads inside an operation; 0: chosen by the program (1 on a CPU).
    runtime.intra_op_threads = 0
    # Operations that run side by side; 0: chosen by the program (the usable cores on a CPU, and 1
    # where latency is measured).
    runtime.inter_op_threads = 0
    return runtime


def resource_weight(level: str) -> float:
    """eta of a level of the resource constraint.

    Args:
        level: Key of `RESOURCE_WEIGHTS`.

    Raises:
        InvalidInput: There is no such level.
    """
    if level not in RESOURCE_WEIGHTS:
        levels = ", ".join(RESOURCE_WEIGHTS)
        raise InvalidInput(f"the level of the constraint must be one of {levels}: given {level!r}")
    return RESOURCE_WEIGHTS[level]


def flatten(config: ConfigDict) -> dict[str, Any]:
    """All keys with their values.

    Args:
        config: A config, whole or a section of one.

    Returns:
        {"data.batch_size": 64, ...} in the order of the config.
    """
    return dict(_leaves(config, ""))


def _leaves(config: ConfigDict, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if isinstance(value, ConfigDict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
