# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""A small chain of convolutions for the digits, by trials under a bound, in the manner of MONAS.

    python -m snas_tf.main --mode=search --config=configs/monas.py --workdir=runs/monas

An LSTM proposes the width and the kernel size of three convolutions, one choice after the other;
each network is trained for a few epochs; its reward is the validation accuracy, and 0 with more
than 20,000 parameters (MONAS, arXiv 1806.10332; the bound, the layers to choose from and the
learning rate are ours). The report has the share of proposals within the bound, the front of
accuracy against parameters, and every trial. The same with accuracy and parameters weighed against
each other, which MONAS calls its mixed reward:

    --config=configs/monas.py:weighted_sum

Expected: 60 trainings of three epochs, 7 minutes on two cores that did other work too, 2:40 of
a processor. 10 of the first 20 networks kept to the bound and 18 of the last 20; the best had
96.5 % of the validation images right with 11,290 parameters, and --mode=train trains it to the
end.
"""

from snas_tf import config as base
from snas_tf.errors import InvalidInput


def get_config(objective: str = "bound"):
    """A search of a chain by a policy.

    Args:
        objective: "bound", the accuracy under a bound of the parameters; or "weighted_sum".
    """
    if objective not in ("bound", "weighted_sum"):
        raise InvalidInput(f"the objective must be one of bound, weighted_sum: given {objective!r}")
    config = base.get_config()
    config.space.name = "chain"
    config.search.method = "controller"
    trials = config.trials
    trials.number = 60
    trials.epochs = 3
    trials.entropy_weight = 0.02
    if objective == "bound":
        trials.max_cost = 20_000.0
    else:
        trials.objective = "weighted_sum"
        trials.cost_target = 20_000.0
        trials.cost_weight = 0.1
    return config
