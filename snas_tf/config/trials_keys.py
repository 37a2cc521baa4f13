# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The section `trials`: how a search tries whole networks, one after another or side by side."""

from snas_tf.config.key import Key
from snas_tf.evaluation import score_names

_SEARCHER = {
    "number": Key(200, "[1, inf)", "Trials of a search by any search.method but snas."),
    "population": Key(
        0,
        "[0, inf)",
        "Newest trials among which evolution chooses a parent, or a generation of nsga2; 0: 10 for "
        "area, 20 for nsga2, else 50, or half of the trials where that is fewer.",
    ),
    "tournament": Key(
        0,
        "[0, inf)",
        "Trials of the population that are drawn, of which the best is the parent; 0: a fifth of "
        "it.",
    ),
    "pool": Key(
        20,
        "[1, inf)",
        "Random networks of which area takes the best by trials.score for its first population.",
    ),
    "starts": Key(
        10,
        "[1, inf)",
        "Trials that local and bayesian begin with, drawn at random; in a space that grows from a "
        "root, bayesian begins with that alone.",
    ),
    "beta": Key(
        2.576,
        "[0, inf)",
        "How many standard deviations better than its mean bayesian takes a network to be.",
    ),
    "learning_rate": Key(
        0.0,
        "[0, inf)",
        "Adam of the logits of policy, or of the weights of controller; 0: 0.1.",
    ),
    "entropy_weight": Key(
        0.1,
        "[0, inf)",
        "What a nat of entropy is worth to policy and controller beside an advantage, which is "
        "between -1 and 1; against early certainty.",
    ),
    "window": Key(
        50,
        "[0, inf)",
        "Among how many of the latest trials policy and controller rank a reward; 0: they take it "
        "as it is, less a moving mean.",
    ),
    "baseline_decay": Key(0.9, "[0, 1)", "Decay of that mean, where window is 0."),
}

_EVALUATOR = {
    "evaluator": Key(
        "training",
        ("training", "weight_sharing", "zero_cost", "table"),
        'What a trial is worth by: "training", a short one of its network by the section train; '
        '"weight_sharing", its network within the supernet of another run; "zero_cost", a score '
        'without training; or "table", true accuracies in a file.',
    ),
    "epochs": Key(5, "[1, inf)", "Epochs of the training of a trial."),
    "last_epochs": Key(
        1, "[1, inf)", "Its last epochs, whose mean validation accuracy counts; at most epochs."
    ),
    "patience": Key(
        0,
        "[0, inf)",
        "After how many epochs without a smaller validation loss the training of a trial stops; 0: "
        "never.",
    ),
    "inherit": Key(
        False,
        "",
        "Whether a training starts from the weights of the most similar trial before, where they "
        "fit, instead of afresh.",
    ),
    "supernet": Key(
        "",
        "",
        "Run directory of a search by snas in the same space, finished, whose supernet judges by "
        "weight_sharing.",
    ),
    "score": Key(
        "naswot",
        score_names.NAMES,
        "The score of zero_cost, and by which area chooses its first population.",
    ),
    "table": Key(
        "",
        "",
        "File of accuracies by architecture that judges trials, .npz or .csv, for "
        "trials.evaluator=table.",
    ),
}

_OBJECTIVE = {
    "objective": Key(
        "metric",
        ("metric", "weighted_sum", "product", "pareto"),
        'What is maximised: the "metric" alone; "weighted_sum", 1 - cost_weight of it minus '
        'cost_weight of cost / cost_target; "product", it times (cost / cost_target) to the power '
        'of minus cost_exponent; or "pareto", all trials that no other one beats in metric and '
        "cost.",
    ),
    "metric": Key(
        "accuracy",
        "",
        'The metric that is to be great: "accuracy" on the validation images, under zero_cost the '
        "name of trials.score, or a column of trials.table.",
    ),
    "cost": Key(
        "parameters",
        "",
        "The metric that is to be small under weighted_sum, product and pareto: parameters, "
        "multiply_adds, peak_activation_bytes, latency_ms (measured), energy_estimate, or a column "
        "of trials.table.",
    ),
    "cost_target": Key(
        0.0,
        "[0, inf)",
        "The cost that counts as 1 under weighted_sum and product, which need it.",
    ),
    "cost_weight": Key(0.5, "[0, 1]", "Share of the cost in a weighted_sum."),
    "cost_exponent": Key(
        0.07, "[0, inf)", "How much a product minds the cost: twice of it costs 1 - 2^-exponent."
    ),
    "min_metric": Key(
        0.0, "[0, inf)", "Trials with less of the metric are worth nothing; 0: no bound."
    ),
    "max_cost": Key(
        0.0, "[0, inf)", "Trials with more than that of the cost are worth nothing; 0: no bound."
    ),
    "measures": Key(
        ("parameters", "multiply_adds"),
        ("parameters", "multiply_adds", "peak_activation_bytes", "latency_ms", "energy_estimate"),
        "Costs that are told of every trial, whether the objective minds them or not; of a table's "
        "trials, the table's own.",
    ),
}

_EXECUTION = {
    "workers": Key(
        1,
        "[0, inf)",
        "Processes of this machine that evaluate side by side; with one the trials are the same in "
        "every run. 0: this process evaluates, which looks into a table in any case.",
    ),
    "tasks_per_process": Key(
        20,
        "[1, inf)",
        "Trials after which a process is replaced by a fresh one: TensorFlow keeps memory of every "
        "network that it trains.",
    ),
    "scheduler": Key(
        "",
        "",
        'Address of a Dask scheduler, such as "tcp://10.0.0.5:8786", all of whose workers '
        "evaluate, in place of trials.workers; they must share --workdir.",
    ),
    "seconds": Key(
        0.0,
        "[0, inf)",
        "Time after which no more trials are proposed, that of a stopped search included, and the "
        "trainings that run stop with the epoch; 0: no such end.",
    ),
    "limit": Key(
        0.0,
        "[0, inf)",
        "Seconds that a trial may take; one that hangs has failed then, and its process is ended. "
        "0: no limit.",
    ),
    "ahead": Key(
        True,
        "",
        "Whether bayesian proposes the next trial while others run in other processes, so that "
        "none of these waits; that proposal does not know what comes of them.",
    ),
}

TRIALS = {**_SEARCHER, **_EVALUATOR, **_OBJECTIVE, **_EXECUTION}
