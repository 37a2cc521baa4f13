# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run has found, for people: pictures of cells and curves, a page, a terminal summary.

Plain data in, figures and text out; without TensorFlow.
"""

from snas_tf.reports.ablation import Ablation, AblationResult, ablation_to_csv
from snas_tf.reports.cells.cell_drawing import draw_cell
from snas_tf.reports.cells.cell_presentation import CellPresentation
from snas_tf.reports.charts.curves import draw_curves
from snas_tf.reports.charts.gradient_charts import draw_gradient_shares
from snas_tf.reports.charts.latency_chart import draw_latencies
from snas_tf.reports.charts.probability_charts import draw_probabilities
from snas_tf.reports.charts.trade_off import draw_trade_off
from snas_tf.reports.charts.trial_charts import draw_feasible_share, draw_front, draw_progress
from snas_tf.reports.charts.truth_chart import draw_truth
from snas_tf.reports.choice import Choice, Judged
from snas_tf.reports.choices.choice_drawing import draw_choices
from snas_tf.reports.choices.choice_presentation import ChoicePresentation
from snas_tf.reports.comparison import SeedResult, TradeOffPoint
from snas_tf.reports.decision_tables import DecisionTables
from snas_tf.reports.doubts import Doubt
from snas_tf.reports.graphs.graph_presentation import GraphPresentation
from snas_tf.reports.headline import Headline
from snas_tf.reports.mistake import Mistake, png_text
from snas_tf.reports.outline import Stage
from snas_tf.reports.page.page import to_html
from snas_tf.reports.page.page_ablation import ablation_to_html
from snas_tf.reports.presentation import Presentation
from snas_tf.reports.report import Report
from snas_tf.reports.result import ClassResult, Confusion, Result
from snas_tf.reports.summary import print_summary, print_warning
from snas_tf.reports.trials.trial_table import to_csv, worth
from snas_tf.reports.trials.trials import Trials, told_metrics
from snas_tf.reports.truth import Standing, Truth

__all__ = [
    "Ablation",
    "AblationResult",
    "ablation_to_csv",
    "ablation_to_html",
    "CellPresentation",
    "Choice",
    "ChoicePresentation",
    "ClassResult",
    "Confusion",
    "DecisionTables",
    "Doubt",
    "GraphPresentation",
    "Headline",
    "Mistake",
    "Judged",
    "Presentation",
    "Report",
    "Result",
    "SeedResult",
    "Stage",
    "Standing",
    "TradeOffPoint",
    "Trials",
    "Truth",
    "draw_cell",
    "draw_choices",
    "draw_curves",
    "draw_feasible_share",
    "draw_front",
    "draw_gradient_shares",
    "draw_latencies",
    "draw_probabilities",
    "draw_progress",
    "draw_trade_off",
    "draw_truth",
    "png_text",
    "print_summary",
    "print_warning",
    "to_csv",
    "to_html",
    "told_metrics",
    "worth",
]
