# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""The space of NAS-Bench-201, searched on real CIFAR-10 with a supernet that two cores can bear.

    python -m snas_tf.main --mode=search --config=configs/nas_bench_201.py --workdir=runs/bench

One cell a stage, 8 channels, images of 16x16, 25,000 of them for the weights and the logits: for
the first half of the epochs the weights alone learn, under relaxed samples of the uniform
distribution. The supernet of the benchmark itself (five cells a stage, 16 channels, 32x32):

    --config=configs/nas_bench_201.py:full

With a table of the benchmark's accuracies, an .npz of the arrays `architecture` (cell strings) and
metrics by name, the true accuracy of what was found is shown, and the way there:

    --config.evaluation.table=nasbench201_cifar10.npz

Expected: a few minutes on two cores for the small one; docs/nas_bench_201.md has what it finds.
"""

from snas_tf import config as base
from snas_tf.errors import InvalidInput


def get_config(size: str = "proxy"):
    """A search of NAS-Bench-201's cell.

    Args:
        size: "proxy", minutes on two cores; or "full", the supernet of the benchmark, a GPU's work.
    """
    if size not in ("proxy", "full"):
        raise InvalidInput(f"the size must be one of proxy, full: given {size!r}")
    config = base.get_config()
    config.space.name = "nas_bench_201"

    data = config.data
    data.source = "tfds:cifar10"
    data.batch_size = 64
    data.num_images = 30_000
    data.validation_fraction = 1 / 6
    data.image_size = 16
    data.crop_padding = 2
    data.flip = True

    network, search = config.network, config.search
    network.num_cells = 1
    network.init_channels = 8
    search.epochs = 12
    search.warmup_epochs = 6
    search.learning_rate = 0.1
    search.weight_decay = 5e-4
    search.architecture_learning_rate = 0.02
    search.initial_temperature = 1.0
    search.final_temperature = 0.03
    if size == "full":
        data.num_images = 0
        data.validation_fraction = 0.5
        data.image_size = 0
        data.crop_padding = 4
        network.num_cells = 5
        network.init_channels = 16
        search.epochs = 100
        search.warmup_epochs = 50
    return config
