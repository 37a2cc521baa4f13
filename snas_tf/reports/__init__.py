# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run has found, for people: pictures of cells and curves, a page, a terminal summary.

Plain data in, figures and text out; without TensorFlow.
"""

from snas_tf.reports.cell_drawing import draw_cell
from snas_tf.reports.curves import draw_curves
from snas_tf.reports.page import to_html
from snas_tf.reports.probability_charts import draw_probabilities
from snas_tf.reports.report import Report, Result
from snas_tf.reports.summary import print_summary

__all__ = [
    "Report",
    "Result",
    "draw_cell",
    "draw_curves",
    "draw_probabilities",
    "print_summary",
    "to_html",
]
