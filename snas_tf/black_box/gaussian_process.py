# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Gaussian process of what was measured: one kernel for what is known and what is predicted.

    k(x, y) = s^2 exp(-|x - y|^2 / (2 l^2)),    measured = f(x) + noise

Its length scale l, amplitude s and noise have the greatest marginal likelihood (Rasmussen and
Williams 2006, section 5.4), together with a wide log-normal prior, without which a handful of
points can make each of them anything. One thread computes: matrices are small, and cores are for
trainings.
"""

from __future__ import annotations

import contextlib
import functools
import math
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.spatial.distance
import threadpoolctl
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Kernel, WhiteKernel

_FITTED = 128  # points by which the kernel is fitted, whose cost is cubic in them
_JITTER = 1e-8
_DEVIATIONS = (1.0, 1.0, 1.5)
"""Of the prior of the logarithms of s^2, l^2 over its guess, and of the noise."""

_AMPLITUDE, _NOISE = 1.0, 0.05
_WITHIN = 1e3  # a parameter is at most so many times its guess, and at least that part of it


class GaussianProcess:
    """The posterior of values at points.

    Args:
        points: Float64 (count, dimensions), at least one.
        values: Float64 (count,), finite.
        believed: Float64 (others, dimensions): points whose value is taken to be what is predicted,
            so that there is nothing to be learnt there; for evaluations that still run.
    """

    def __init__(
        self, points: np.ndarray, values: np.ndarray, believed: np.ndarray | None = None
    ) -> None:
        values = np.asarray(values, np.float64)
        self._mean = float(values.mean())
        self._unit = float(values.std()) or 1.0
        targets = (values - self._mean) / self._unit
        with one_thread():
            kernel, self._noise = _fitted(points, targets)
            noises = np.full(len(points), self._noise)
            self._process = _conditioned(kernel, noises, points, targets)
            if believed is not None and len(believed):
                guessed = self._process.predict(believed)
                points, targets = np.concatenate([points, believed]), np.append(targets, guessed)
                noises = np.append(noises, np.full(len(believed), _JITTER))
                self._process = _conditioned(kernel, noises, points, targets)

    @property
    def noise(self) -> float:
        """The standard deviation of a measurement, in the unit of the values."""
        return self._unit * math.sqrt(self._noise)

    @property
    def length_scale(self) -> float:
        """l, in the unit of the points."""
        return float(self._process.kernel_.k2.length_scale)

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the values are believed to be, before the noise of a measurement.

        Args:
            points: Float64 (count, dimensions).

        Returns:
            Mean and standard deviation, float64 (count,) each, in the unit of the values.
        """
        process = self._process
        with one_thread():  # as the process's own `predict`, without its checks: ten times as fast
            across = process.kernel_(points, process.X_train_)
            explained = scipy.linalg.solve_triangular(process.L_, across.T, lower=True)
            variance = process.kernel_.diag(points) - (explained**2).sum(axis=0)
            mean = across @ process.alpha_
        deviation = np.sqrt(np.maximum(variance, 0.0))
        return self._mean + self._unit * mean, self._unit * deviation

    def leave_one_out(self) -> tuple[np.ndarray, np.ndarray]:
        """What each measurement was predicted to be from all others, by the same kernel.

        In closed form (Rasmussen and Williams 2006, equations 5.10 to 5.12).

        Returns:
            Mean and standard deviation, with the noise, float64 (count,) each.
        """
        with one_thread():
            factor = self._process.L_
            inverse = scipy.linalg.cho_solve((factor, True), np.eye(len(factor)))
        precision = np.diag(inverse)
        mean = self._process.y_train_ - self._process.alpha_ / precision
        return self._mean + self._unit * mean, self._unit / np.sqrt(precision)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Lets one thread compute linear algebra: more take ten times as long for small matrices."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _libraries() -> threadpoolctl.ThreadpoolController:
    """The libraries of linear algebra, which take some ms to find."""
    return threadpoolctl.ThreadpoolController()


def _fitted(points: np.ndarray, targets: np.ndarray) -> tuple[Kernel, float]:
    """The kernel by some of the points, the first and the last among them, and the noise."""
    if len(points) > _FITTED:
        rows = np.linspace(0, len(points) - 1, _FITTED).round().astype(int)
        points, targets = points[rows], targets[rows]
    apart = scipy.spatial.distance.pdist(points)
    length = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0

    def near(guess: float) -> tuple[float, float]:
        return guess / _WITHIN, guess * _WITHIN

    kernel = ConstantKernel(_AMPLITUDE, near(_AMPLITUDE)) * RBF(length, near(length))
    process = GaussianProcessRegressor(
        kernel + WhiteKernel(_NOISE, near(_NOISE)), alpha=_JITTER, optimizer=_optimize
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # at a bound is as good as beyond it
        process.fit(points, targets)
    return process.kernel_.k1, float(process.kernel_.k2.noise_level)


def _optimize(
    minus_likelihood: Callable, start: np.ndarray, bounds: np.ndarray
) -> tuple[np.ndarray, float]:
    """The parameters, as logarithms, with the greatest likelihood and prior together."""
    # The kernel has l, whose logarithm is half of that of l^2.
    deviations = np.array(_DEVIATIONS) * [1.0, 0.5, 1.0]

    def minus_posterior(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = minus_likelihood(parameters)
        away = (parameters - start) / deviations
        return value + 0.5 * float(away @ away), gradient + away / deviations

    found = scipy.optimize.minimize(
        minus_posterior, start, jac=True, bounds=bounds, method="L-BFGS-B"
    )
    return found.x, float(found.fun)


def _conditioned(
    kernel: Kernel, noises: np.ndarray, points: np.ndarray, targets: np.ndarray
) -> GaussianProcessRegressor:
    """The posterior under a kernel that stays; more jitter where points are all but one."""
    for jitter in (_JITTER, 1e-6, 1e-4):
        process = GaussianProcessRegressor(kernel, alpha=noises + jitter, optimizer=None)
        try:
            return process.fit(points, targets)
        except np.linalg.LinAlgError as error:
            told = error
    raise told
