# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Search on the handwritten digits that come with scikit-learn: the default, no download.

1,797 real images of 8x8 pixels, ten classes; three cells, eight channels.

    python -m snas_tf.main --mode=search --config=configs/digits.py --workdir=runs/digits

Expected: one minute on two cores with a C++ compiler, two without. The child network keeps, without
any training of its own, the accuracy of the supernet that it was found in: about 99 % of the
validation images. Compare with the mixture of DARTS, whose child loses it:

    python -m snas_tf.main --mode=search --config=configs/digits.py \
        --config.search.estimator=softmax --workdir=runs/digits_softmax

and a network that costs less, by a resource constraint, or by a target that it keeps:

    --config=configs/digits.py:aggressive          or :mild, :moderate
    --config.search.target_multiply_adds=250000
"""

from snas_tf import config as base


def get_config(level: str = "none"):
    """The default config; snas_tf/config/ explains every key.

    Args:
        level: Resource constraint: "none", "mild", "moderate" or "aggressive".
    """
    config = base.get_config()
    config.search.resource_weight = base.resource_weight(level)
    return config
