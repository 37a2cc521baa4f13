# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The section `search`: how an architecture is looked for, and what it may cost."""

from snas_tf.config.key import Key
from snas_tf.config.tricks_keys import TRICKS
from snas_tf.evaluation import derivation_names, score_names

_METHOD = {
    "method": Key(
        "snas",
        (
            "snas",
            "random",
            "evolution",
            "area",
            "local",
            "bayesian",
            "policy",
            "controller",
            "tpe",
            "nsga2",
        ),
        'Who chooses: "snas", weights and architecture together, by one gradient; or whole '
        "networks are tried, see trials, which are proposed by chance (random), by mutation of "
        "good ones (evolution; area, from a first population by a score; local), by a model of "
        "what they are worth (bayesian), by a policy gradient (policy; controller, an LSTM), or by "
        "Optuna's tpe and nsga2.",
    ),
    "epochs": Key(60, "[1, inf)", "Passes over the training images."),
    "warmup_epochs": Key(
        0,
        "[0, inf)",
        "Epochs in which the weights alone learn, on relaxed samples of the uniform distribution, "
        "before the logits move; fewer than epochs.",
    ),
    "estimator": Key(
        "concrete",
        ("concrete", "softmax", "dirichlet", "reinmax", "straight_through", "score_function"),
        'How Z is drawn: "concrete" (SNAS), "softmax" (the deterministic mixture of DARTS), '
        '"dirichlet" (DrNAS), or "reinmax", one-hot though all operations run; or one-hot, whose '
        'steps run one operation an edge, as "straight_through" (GDAS) or "score_function" '
        "(DSNAS).",
    ),
    "shared_samples": Key(
        False,
        "",
        "Whether several devices use one Z in a step, as one device does; else each draws its own.",
    ),
    "synchronized_batch_norm": Key(
        False,
        "",
        "Whether batch normalisation takes its statistics from the images of all devices, as one "
        "device does; else each has its own. Not with runtime.jit_compile or one operation an "
        "edge.",
    ),
    "derivation": Key(
        "argmax",
        derivation_names.NAMES,
        'How the genotype is read: "argmax" of every edge (SNAS), "top2" edges into a node '
        '(DARTS), or of a "graph" network "greedy", the two clearest ones into a state (SGAS). Or '
        "it is chosen when the search is over, by validation images and within the targets: the "
        'best of some drawn "samples" with the supernet\'s weights, the best of the most probable '
        'by a "short_training" of each, the best of some drawn by a "zero_cost" score, or by '
        '"perturbation", what hurts most when it is missing.',
    ),
    "candidates": Key(
        8, "[1, inf)", "Networks that samples, short_training and zero_cost choose among."
    ),
    "derivation_epochs": Key(
        1,
        "[0, inf)",
        "Epochs that each network of short_training learns, at least 1, and the supernet after "
        "each decision of perturbation.",
    ),
    "derivation_scores": Key(
        ("naswot",),
        score_names.NAMES,
        "Scores that zero_cost chooses by, by the sum of their ranks.",
    ),
    "stop_entropy": Key(
        0.0,
        "[0, 1]",
        "The search stops after the epoch with less than this part of the greatest entropy left, "
        "as all is decided; 0: never.",
    ),
    "stop_skips": Key(
        0.0,
        "[0, 1)",
        "The search stops after the epoch by which more than this part of the places that keep "
        "something would keep one of stop_options; the probabilities of the epoch before are "
        "kept; 0: never.",
    ),
    "stop_options": Key(
        ("skip_connect", "identity"), "", "Options that only pass on what they are given."
    ),
    "stop_curvature": Key(
        0.0,
        "[0, inf)",
        "The search stops where the dominant eigenvalue of the Hessian of the validation loss in "
        "the logits is, over stop_window epochs, more than so many times that of as many epochs "
        "before, such as 1.33; the probabilities from before are kept; 0: never.",
    ),
    "stop_window": Key(5, "[1, inf)", "Epochs that stop_curvature takes the mean over."),
    "learning_rate": Key(
        0.05,
        "(0, inf)",
        "SGD of the weights: learning rate of the first step; a cosine leads to the last.",
    ),
    "final_learning_rate": Key(
        0.0, "[0, inf)", "Learning rate of the last step, at most that of the first."
    ),
    "momentum": Key(0.9, "[0, 1)", "Momentum of that SGD."),
    "weight_decay": Key(
        3e-4, "[0, inf)", "What SGD adds to the gradient, times the weight (coupled L2)."
    ),
    "clip_norm": Key(
        5.0, "(0, inf)", "Global norm at which the gradients of the weights are clipped."
    ),
    "architecture_learning_rate": Key(
        0.05, "(0, inf)", "Adam of the logits: constant learning rate."
    ),
    "architecture_beta_1": Key(0.5, "[0, 1)", "Decay of that Adam's first moment."),
    "architecture_beta_2": Key(0.999, "[0, 1)", "Decay of that Adam's second moment."),
    "architecture_weight_decay": Key(
        0.0, "[0, inf)", "What Adam adds to the gradient, times the logit."
    ),
    "architecture_clip_norm": Key(
        10.0, "(0, inf)", "Global norm at which the gradients of the logits are clipped."
    ),
    "initial_temperature": Key(
        1.0, "(0, inf)", "Temperature lambda of the first step, from which it falls."
    ),
    "final_temperature": Key(
        0.03, "(0, inf)", "Temperature of the last step, at most that of the first."
    ),
}

_RESOURCES = {
    "resource_weight": Key(
        0.0,
        "[0, inf)",
        "eta: weight of the resource cost in the loss; 0 searches for accuracy alone, or with a "
        "target takes 1. snas_tf.config.RESOURCE_WEIGHTS has the calibrated ones: mild, moderate, "
        "aggressive.",
    ),
    "resource_form": Key(
        "linear",
        ("linear", "log"),
        'How the costs of the edges add up: "linear" (the paper) or "log" (the authors\' code).',
    ),
    "resource_gradient": Key(
        "expectation",
        ("expectation", "reparameterized", "score_function"),
        'The cost\'s gradient: exact "expectation", "reparameterized" sample, or "score_function".',
    ),
    "parameters_weight": Key(
        1.0,
        "[0, inf)",
        "Weight of the parameters in the cost; each is relative to that of the uniform "
        "distribution.",
    ),
    "multiply_adds_weight": Key(1.0, "[0, inf)", "Weight of the multiply-adds in the cost."),
    "memory_access_weight": Key(1.0, "[0, inf)", "Weight of the memory access in the cost."),
    "latency_weight": Key(
        0.0, "[0, inf)", "Weight of the latency in the cost, which needs a table."
    ),
    "latency_table": Key(
        "", "", 'File that --mode=latency wrote, latency_table.json; "" for none.'
    ),
    "latency_device": Key(
        "", "", 'Device of that table, by the name in it; "" for the one that searches.'
    ),
    "target_parameters": Key(
        0, "[0, inf)", "At most so many parameters in the found network; 0: no target."
    ),
    "target_multiply_adds": Key(
        0,
        "[0, inf)",
        "At most so many multiply-adds for one image in the found network; 0: no target.",
    ),
    "target_latency": Key(
        0.0, "[0, inf)", "At most so many milliseconds by the latency table; 0: no target."
    ),
}

_SEEDS = {
    "num_seeds": Key(
        1,
        "[1, inf)",
        "Searches with the seeds seed, seed + 1, ..., of which the best child is kept; 1: one "
        "search.",
    ),
    "selection_epochs": Key(
        5,
        "[0, inf)",
        "Epochs that each child is trained by itself, from its weights, before the best is chosen.",
    ),
}

SEARCH = {**_METHOD, **TRICKS, **_RESOURCES, **_SEEDS}
