# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How much better than to be expected a trial came out: what a policy gradient is weighed by.

A policy gradient is grad log p(Z) (R - b). Any b that does not depend on Z leaves its mean as it
is and takes noise away; the plain one is a moving mean of the rewards so far.

Where the rewards differ by much in one respect and by little in another, as under a constraint
(0 beyond the bound, all accuracies between 0.85 and 0.92 within), the little is lost in the noise
of the much: a policy learns what is within the bound, and is certain of something there before it
could learn what is good. So by default a reward counts by its rank among the latest, as weights in
evolution strategies do (natural evolution strategies, Wierstra et al., JMLR 2014): no unit, no
outlier, and the same for every monotone function of the reward.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def ranks(rewards: Sequence[float], window: int) -> np.ndarray:
    """The share of the latest rewards that each one beats, less the share that beats it.

    Args:
        rewards: In the order in which they came; minus infinity for failures.
        window: How many of the latest, its own included, each is compared with; at least 1.

    Returns:
        float64 (rewards,) in (-1, 1); 0 for the first.
    """
    rewards = np.asarray(rewards, np.float64)
    found = np.zeros(len(rewards))
    for position, reward in enumerate(rewards):
        latest = rewards[max(0, position + 1 - window) : position + 1]
        found[position] = np.mean(latest < reward) - np.mean(latest > reward)
    return found


def above_moving_mean(rewards: Sequence[float], decay: float) -> np.ndarray:
    """Each reward less the moving mean of those before it: b' = decay b + (1 - decay) R.

    Args:
        rewards: In the order in which they came; one that is not finite, a failure's, counts as
            the least finite one before it.
        decay: In [0, 1).

    Returns:
        float64 (rewards,); 0 for the first finite one and all before it.
    """
    found = np.zeros(len(rewards))
    mean = least = None
    for position, reward in enumerate(rewards):
        if not math.isfinite(reward):
            if least is None:
                continue
            reward = least
        mean = reward if mean is None else mean
        least = reward if least is None else min(least, reward)
        found[position] = reward - mean
        mean = decay * mean + (1 - decay) * reward
    return found
