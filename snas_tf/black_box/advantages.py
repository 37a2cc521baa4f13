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


def rank(latest: Sequence[float]) -> float:
    """The share of the latest rewards that the last of them beats, less the share that beats it.

    Args:
        latest: In the order in which they came, at least one; minus infinity for failures.

    Returns:
        In (-1, 1); 0 for the only one.
    """
    last = latest[-1]
    return sum((each < last) - (each > last) for each in latest) / len(latest)


def above_moving_mean(rewards: Sequence[float], decay: float) -> list[float]:
    """Each reward less the moving mean of those before it: b' = decay b + (1 - decay) R.

    Args:
        rewards: In the order in which they came; one that is not finite, a failure's, counts as
            the least finite one before it.
        decay: In [0, 1).

    Returns:
        One each; 0 for the first finite one and all before it.
    """
    found = [0.0] * len(rewards)
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
