# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The scores as functions of what was computed of a network, in float64."""

from __future__ import annotations

import math

import numpy as np

_JITTER = 1e-5


def log_determinant(kernel: np.ndarray) -> float:
    """NASWOT's score, log |det K|: greater where the network tells inputs apart.

    Of independent fair bits it is about B log(N / 2) + log(1 + B) for B inputs and N units, and
    never above B log N (Hadamard): much of it is the size of the network, and scores of other batch
    sizes cannot be compared.

    Args:
        kernel: (inputs, inputs), the numbers of units on which two inputs agree.

    Returns:
        The score; -inf where two inputs have the same code, or the kernel is singular otherwise.
    """
    kernel = np.asarray(kernel, np.float64)
    if np.count_nonzero(kernel == kernel[0, 0]) > len(kernel):  # N stands off the diagonal
        return -math.inf
    eigenvalues = np.linalg.eigvalsh(kernel)
    rounding = len(kernel) * np.finfo(np.float64).eps * eigenvalues[-1]
    if not eigenvalues[0] > rounding:
        return -math.inf
    return float(np.log(eigenvalues).sum())


def jacobian_correlation(jacobian: np.ndarray) -> float:
    """`jacob_cov`, the score of the first version of "NAS without training".

    -sum_i [log(v_i + k) + 1 / (v_i + k)] over the eigenvalues v of the correlations between the
    inputs' gradients, with k = 1e-5.

    Args:
        jacobian: (inputs, ...), the gradient of the sum of the outputs by each input.

    Returns:
        The score; -inf where an input has no gradient, or one that does not vary.
    """
    rows = np.asarray(jacobian, np.float64).reshape(len(jacobian), -1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not (lengths > 0).all():
        return -math.inf
    unit = centred / lengths
    values = np.linalg.eigvalsh(unit @ unit.T) + _JITTER
    return float(-(np.log(values) + 1 / values).sum())
