# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The part of the section `search` that changes how a step is taken: schedules and tricks.

A key that ends in `_schedule` says how the value before it comes about over the search.
"""

from snas_tf.config.key import Key

STRENGTHS = ("constant", "rising", "falling")
"""How a strength may change: not at all, from 0 to it, or from it to 0, in a straight line."""

TRICKS = {
    "temperature_schedule": Key(
        "linear",
        ("linear", "cosine", "exponential"),
        "How the temperature falls from the first step in which the logits learn to the last.",
    ),
    "resource_weight_schedule": Key(
        "constant",
        STRENGTHS,
        "How resource_weight changes over the steps in which the logits learn.",
    ),
    "settling_epochs": Key(
        0,
        "[0, inf)",
        "Last epochs in which the weights alone learn, on samples of what was decided; with "
        "warmup_epochs fewer than epochs.",
    ),
    "drop_path": Key(
        0.0,
        "[0, 1)",
        "Probability that a row of Z, such as an edge, is left out of a step; what is kept counts "
        "for it in the mean. Where a row has nothing beside it, as a choice in a chain of layers, "
        "the step loses all that comes before it.",
    ),
    "drop_path_schedule": Key("rising", STRENGTHS, "How drop_path changes over all steps."),
    "perturbation": Key(
        "none",
        ("none", "random", "adversarial"),
        "Whether each step is taken beside the logits, so that the weights learn to bear it "
        '(SDARTS): at random, or where the loss of the batch rises ("adversarial"), which takes a '
        "second pass a step.",
    ),
    "perturbation_size": Key(
        0.3, "(0, inf)", "The greatest distance by which the perturbation moves a logit."
    ),
    "perturbation_schedule": Key(
        "rising",
        STRENGTHS,
        "How perturbation_size changes over the steps in which the logits learn.",
    ),
    "label_smoothing": Key(
        0.0,
        "[0, 1)",
        "Part of each label that is spread over all classes, in the loss of training examples.",
    ),
    "label_smoothing_schedule": Key(
        "constant", STRENGTHS, "How label_smoothing changes over all steps."
    ),
    "bilevel": Key(
        False,
        "",
        "Whether weights and logits learn by turns and from examples of their own, each from half "
        "of them: the first-order bi-level search of DARTS, GDAS and DrNAS. SNAS has one level.",
    ),
}
