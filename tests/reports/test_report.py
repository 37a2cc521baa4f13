# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a report need not tell."""

from snas_tf import reports, space


def test_parts_that_most_runs_lack_are_empty():
    report = reports.Report(
        title="Search",
        summary="",
        results=(),
        architecture=None,
        space=space.CellSpace(),
        config={},
        environment={},
        dataset={},
    )
    empty = (report.seeds, report.trade_off, report.gradient_shares, report.target)
    assert not any(empty)
    assert report.target_missed is False
