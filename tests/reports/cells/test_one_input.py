# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cells of one input and one kind, those of NAS-Bench-201, are told as plainly as the paper's."""

import dataclasses
import io

import numpy as np
import pytest
import rich.console

from snas_tf import reports, space
from snas_tf.reports.cells.cell_equations import equations

TEXT = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"


@pytest.fixture(scope="module")
def genotype():
    return space.Genotype.from_nas_bench_201(TEXT)


def test_the_equations_name_the_input_and_the_nodes_by_number(genotype):
    pooling = genotype.connections("cell")[-1].operation
    assert equations(genotype, "cell") == [
        "node 1 = nor_conv_3x3(c_{k-1})",
        "node 2 = skip_connect(1)",
        f"node 3 = nor_conv_1x1(c_{{k-1}}) + {pooling}(2)",
    ]


def test_the_picture_has_one_input_and_one_line_to_the_output(genotype):
    drawn = {
        output: reports.draw_cell(genotype, "cell", output).axes[0] for output in space.OUTPUTS
    }
    assert {name: len(axes.patches) for name, axes in drawn.items()} == {
        "concatenation": 5 + 4 + 3,
        "last_node": 5 + 4 + 1,
    }
    texts = [text.get_text() for text in drawn["last_node"].texts]
    assert texts.count("$c_{k{-}1}$") == 1 and "$c_{k{-}2}$" not in texts and "concat" not in texts


def test_page_and_terminal_show_the_cell(genotype, report):
    cells = space.nas_bench_201_cells()
    values = np.random.default_rng(0).dirichlet(np.ones(5), size=(3, 6))
    told = dataclasses.replace(
        report,
        architecture=genotype,
        space=cells,
        uses=cells.kinds,
        probabilities={"cell": values},
        gradient_shares={"cell": np.ones((6, 2))},
        search_rows=[{"epoch": 1, "loss": 1.0, "entropy_cell": 9.0}],
    )
    page = reports.to_html(told)
    assert "which is the last node" in page and "in which the input c_{k-1} is 0" in page
    assert "normal cell" not in page and "never learnt" not in page
    console = rich.console.Console(file=io.StringIO(), width=80)
    reports.print_summary(console, told)
    printed = console.file.getvalue()
    assert "cell cell" not in printed + page
    assert "node 1 = nor_conv_3x3(c_{k-1})" in " ".join(printed.split())
