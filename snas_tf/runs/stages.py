# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The stages of a run, and what each of them writes."""

from __future__ import annotations

STAGES = ("search", "train")
"""What takes long and writes, in the order of a run."""

STAGE_NAMES = {"search": "search", "train": "training"}
"""The stages in sentences."""

WRITTEN = {
    "search": (
        "metrics.csv",
        "results.json",
        "seeds.json",
        "seeds",
        "trials.jsonl",
        "trials.csv",
        "trials",
        "resources.json",
        "choice.json",
        "true_accuracy.json",
        "genotype.json",
        "child.keras",
        "network.keras",
        "mistakes.json",
        ".network.keras.*",
        "report.html",
        "*.png",
        "logs/search",
        "checkpoints/search-*",
        "checkpoints/.search-*",
        "checkpoints/damaged-search-*",
    ),
    "train": (
        "training_metrics.csv",
        "training_genotype.json",
        "training_results.json",
        "trained.keras",
        "best.keras",
        ".best.keras.*",
        ".trained.keras.*",
        "network.keras",
        "mistakes.json",
        ".network.keras.*",
        "logs/train",
        "checkpoints/train-*",
        "checkpoints/.train-*",
        "checkpoints/damaged-train-*",
    ),
}
"""What each of them leaves in the directory, and removes where it begins anew."""
