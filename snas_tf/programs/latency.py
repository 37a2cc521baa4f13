# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=latency: times the pieces of a skeleton's networks here, and checks what they predict."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shlex
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import rich.console
import rich.progress
import rich.table
import scipy.stats
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import networks, reports, space
from snas_tf.machine import runtime
from snas_tf.programs import problems
from snas_tf.programs.datasets import dataset
from snas_tf.runs.files import write_bytes, write_json, write_text
from snas_tf.runs.run_directory import RunDirectory

_STREAM = 3  # of the run's seed: the random networks
_FEWEST = 3  # two points always lie on a line
_LARGE_ERROR = 0.1  # on a quiet machine it is about half of that


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Writes the latency table of the search's skeleton and how well it predicts networks.

    A table that is there already is replaced.

    Args:
        config: The config, checked; reads `latency`, `runtime`, `space`, `data` and the sizes in
            `network`.
        directory: The run directory.

    Raises:
        InvalidInput: The data or the directory cannot be used.
    """
    console = rich.console.Console()
    runtime.configure(_one_at_a_time(config))
    problem = problems.of(config, "search", dataset.load(config))
    problem.check_latency()
    directory.claim()
    _announce(config, directory, console)
    genotypes = random_genotypes(problem.space, config.latency.num_children, config.seed)
    with _bar(console) as progress:
        children = [problem.child(genotype) for genotype in genotypes]
        table, measured = problem.measure_latency(
            children, config.latency.batch_size, config.latency.repetitions, progress
        )
    for path in (directory.latency_check_path, directory.latency_chart_path):
        path.unlink(missing_ok=True)  # of the table before
    write_text(directory.latency_table_path, table.to_json())
    console.print(_overview(*problem.latency_overview(table)))
    console.print(
        f"{len(table.milliseconds)} entries in {directory.latency_table_path}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    if genotypes:
        predicted = [problem.latency(genotype, table) for genotype in genotypes]
        _keep_check(genotypes, predicted, measured, directory)
        _tell_check(predicted, measured, directory, console)
    console.print(
        "To search with it, use the same --config and keys, and "
        f"--config.search.latency_table={shlex.quote(str(directory.latency_table_path))} "
        "--config.search.latency_weight=1 with a --config.search.resource_weight such as 0.03, or "
        "--config.search.target_latency=MILLISECONDS.",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def random_genotypes(
    searched: space.DecisionSpace, count: int, seed: int
) -> list[space.Architecture]:
    """Networks of a space: in every row one option, each as likely as the others.

    Args:
        searched: The space.
        count: How many.
        seed: The run's seed.

    Returns:
        The architectures; more of them begin with the same.
    """
    return [
        searched.sample(np.random.default_rng((seed, _STREAM, number))) for number in range(count)
    ]


def agreement(predicted: Sequence[float], measured: Sequence[float]) -> dict[str, float | None]:
    """How well a prediction of latencies is borne out.

    Args:
        predicted: Milliseconds of at least one network.
        measured: Milliseconds of the same networks, above 0.

    Returns:
        "pearson" and "spearman", the correlations of values and of ranks, None where fewer than
        three networks or none that differ leave them undefined; "error", the mean of
        |predicted - measured| / measured, and "bias", that of predicted / measured - 1.
    """
    predicted, measured = np.asarray(predicted), np.asarray(measured)
    relative = predicted / measured - 1.0
    defined = len(predicted) >= _FEWEST and np.ptp(predicted) > 0 and np.ptp(measured) > 0
    correlations = {
        name: float(function(predicted, measured).statistic) if defined else None
        for name, function in (
            ("pearson", scipy.stats.pearsonr),
            ("spearman", scipy.stats.spearmanr),
        )
    }
    return {
        **correlations,
        "error": float(np.abs(relative).mean()),
        "bias": float(relative.mean()),
    }


def _one_at_a_time(config: ConfigDict) -> ConfigDict:
    """The config with one inter-op thread where none is set: times add up if nothing overlaps."""
    changed = copy.deepcopy(config)
    changed.runtime.inter_op_threads = config.runtime.inter_op_threads or 1
    return changed


def _announce(config: ConfigDict, directory: RunDirectory, console: rich.console.Console) -> None:
    threads = tf.config.threading.get_inter_op_parallelism_threads()
    side_by_side = "one operation after the other"
    if threads != 1:
        side_by_side = (
            f"with inter-op threads = {threads}: operations overlap, so their sum predicts too much"
        )
    replaces = ""
    if directory.latency_table_path.exists():
        replaces = f" Replaces {directory.latency_table_path}."
    console.print(
        f"Measuring latency on {networks.device_name()}, batches of {config.latency.batch_size}, "
        f"{side_by_side}.{replaces}",
        soft_wrap=True,
        highlight=False,
    )


def _keep_check(
    genotypes: Sequence[space.Architecture],
    predicted: Sequence[float],
    measured: Sequence[float],
    directory: RunDirectory,
) -> None:
    records = [
        {"predicted": prediction, "measured": time, "genotype": json.loads(genotype.to_json())}
        for prediction, time, genotype in zip(predicted, measured, genotypes, strict=True)
    ]
    found = agreement(predicted, measured)
    write_json(directory.latency_check_path, {**found, "networks": records})
    _draw(predicted, measured, directory)


def _tell_check(
    predicted: Sequence[float],
    measured: Sequence[float],
    directory: RunDirectory,
    console: rich.console.Console,
) -> None:
    found = agreement(predicted, measured)
    correlations = ""
    if found["pearson"] is not None:
        correlations = f"correlation {found['pearson']:.3f}, of the ranks {found['spearman']:.3f}; "
    text = (
        f"{len(measured)} random networks of {min(measured):.3g} to {max(measured):.3g} ms: "
        f"{correlations}mean error of the prediction {100 * found['error']:.1f} %, "
        f"of which in common {100 * found['bias']:+.1f} %; see {directory.latency_chart_path}"
    )
    if found["error"] > _LARGE_ERROR:
        text += (
            "\nThat is a large error. Was the machine busy with other work? Measure again when it "
            "is quiet, or with more --config.latency.repetitions."
        )
    console.print(text, soft_wrap=True, highlight=False, markup=False)


def _draw(predicted: Sequence[float], measured: Sequence[float], directory: RunDirectory) -> None:
    picture = io.BytesIO()
    reports.draw_latencies(predicted, measured).savefig(picture, format="png", dpi=150)
    write_bytes(directory.latency_chart_path, picture.getvalue())


def _overview(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> rich.table.Table:
    """What was measured, the numbers to the right."""
    grid = rich.table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for column, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if column else "left")
    for line in lines:
        grid.add_row(*line)
    return grid


@contextlib.contextmanager
def _bar(console: rich.console.Console) -> Iterator[Callable[[int, int], None]]:
    """A progress bar in a terminal; yields what moves it."""
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(bar_width=24),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("timing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
