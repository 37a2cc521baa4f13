# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the costs of the options in a row of a decision become the penalty of that row.

Both forms are functions of tensors:

    samples: float32 (places, options), the weights Z of the options in each row.
    tables: float32 (uses, places, options, costs), what each option costs in each use of the
        decision, such as a cell.
    counts: float32 (uses,), the part of the uses that cost so; they sum to 1.
    weights: float32 (costs,), how much each cost counts.

They return float32 (places,), the mean over the uses: a weight eta of their sum then keeps its
meaning when cells are added. (The authors' released code divides by 6 and 2, its numbers of cells,
whatever the network.)
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Form = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def linear(
    samples: tf.Tensor, tables: tf.Tensor, counts: tf.Tensor, weights: tf.Tensor
) -> tf.Tensor:
    """The paper's: a weighted sum of the costs, linear in Z (section 2.4 of arXiv 1812.09926)."""
    return tf.einsum("eo,ueoc,u,c->e", samples, tables, counts, weights)


def logarithmic(
    samples: tf.Tensor, tables: tf.Tensor, counts: tf.Tensor, weights: tf.Tensor
) -> tf.Tensor:
    """The released code's: a weighted sum of ln max(1, cost) of every row in every use.

    It sets `none`, skip connection, pooling and convolutions far apart, and one convolution hardly
    from another. Where a row costs less than 1 its gradient is zero.
    """
    costs = tf.einsum("eo,ueoc->uec", samples, tables)
    return tf.einsum("uec,u,c->e", tf.math.log(tf.maximum(costs, 1.0)), counts, weights)


FORMS: dict[str, Form] = {"linear": linear, "log": logarithmic}
