# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The dtype policy of networks that are given none."""

from __future__ import annotations

import keras


def default_policy() -> keras.DTypePolicy:
    """What `keras.config.set_dtype_policy` has set, float32 without it.

    Keras's own default is its `floatx`, which a file of the user's (~/.keras/keras.json) may have
    set to float16 for other models: that changes nothing here.
    """
    policy = keras.config.dtype_policy()
    if policy.name == keras.config.floatx():
        return keras.DTypePolicy("float32")
    return policy
