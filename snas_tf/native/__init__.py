# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Custom C++ ops for TensorFlow on a CPU, compiled on the machine that runs them.

They compute what TensorFlow's operations compute, in half the time, and nothing needs them: without
a compiler, on a GPU or under XLA the layers use TensorFlow's. See `use`.
"""

from snas_tf.native.library import Unavailable, compiled, in_use, use, wanted

__all__ = ["Unavailable", "compiled", "in_use", "use", "wanted"]
