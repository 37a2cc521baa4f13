# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Search on the handwritten digits that come with scikit-learn: the default, no download.

1,797 real images of 8x8 pixels, ten classes; three cells, eight channels.

    python -m snas_tf.main --mode=search --config=configs/digits.py --workdir=runs/digits

Expected: a few minutes on two cores. The child network keeps, without any training of its own, the
accuracy of the supernet that it was found in: about 99 % of the validation images. Compare with the
mixture of DARTS, whose child loses it:

    python -m snas_tf.main --mode=search --config=configs/digits.py \
        --config.search.estimator=softmax --workdir=runs/digits_softmax
"""

from snas_tf import config as base


def get_config():
    """The default config as it is; snas_tf/config.py explains every key."""
    return base.get_config()
