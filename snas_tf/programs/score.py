# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=score: ranks networks that were not trained, random ones of a space or those of files."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import rich.console
import rich.markup
import rich.progress
import rich.table
from etils import epath
from ml_collections import ConfigDict

from snas_tf import data, seeds
from snas_tf.data.splits import GRAPHS
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Table, architecture_keys, score_names, zero_cost
from snas_tf.machine import runtime
from snas_tf.programs import problems, true_accuracy
from snas_tf.programs.datasets import dataset
from snas_tf.programs.latency import random_genotypes
from snas_tf.runs.files import sha256, write_text
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.score_log import ScoreLog

_SHOWN = 20
_RANKS = "rank sum"
Columns = Mapping[str, Sequence[float]]


class Network(NamedTuple):
    """What is to be scored.

    Attributes:
        name: As the table has it.
        key: What no other one has, and what it is known again by.
        build: Makes it.
    """

    name: str
    key: str
    build: Callable[[], keras.Model]


def run(config: ConfigDict, directory: RunDirectory, *, files: Sequence[str] = ()) -> None:
    """Scores networks and writes scores.csv, the best first; a command that was stopped goes on.

    Args:
        config: The config, checked; reads `score`, `evaluation.table`, `data`, `space`, `network`.
        directory: The run directory; a table that is there already is replaced. Scores of the same
            networks, images and kinds that it holds are not computed again, unless it is to be
            overwritten.
        files: Networks that Keras has saved, which take normalised images as a child does; () for
            random networks of the space.

    Raises:
        InvalidInput: Data, directory, table or a network cannot be used, or a score is not defined
            for it.
    """
    console = rich.console.Console()
    runtime.configure(config)
    images = dataset.load(config)
    if images.dtype == GRAPHS:
        raise InvalidInput(
            "`--mode=score` must be of networks of images: given graphs, of which the scores are "
            "not defined"
        )
    problem = problems.of(config, "search", images)
    table = None if files else true_accuracy.open_table(config.evaluation.table, problem.space)
    directory.claim()
    if files:
        found, count = _of_files(files, images), len(files)
    else:
        found, count = _of_space(config, problem), config.score.num_networks
    names, columns = _scored(config, images, found, count, directory, console)
    columns[_RANKS] = zero_cost.rank_sum({name: columns[name] for name in config.score.scores})
    truth = _truth(table, names)
    order = np.argsort(-np.asarray(columns[_RANKS]), kind="stable")
    write_text(directory.scores_path, _csv(names, {**columns, **truth}, order))
    console.print(_best(names, {**columns, **truth}, order))
    console.print(_agreement(columns, truth))
    _tell(console, f"{count} networks in {directory.scores_path}, the best first.")
    _tell(
        console,
        "A score is a guess: on NAS-Bench-201 the number of parameters alone ranks as well as "
        "naswot.",
    )


def _of_space(config: ConfigDict, problem: problems.Problem) -> Iterator[Network]:
    """Random networks by their canonical texts, with fresh weights."""
    for number, architecture in enumerate(
        random_genotypes(problem.space, config.score.num_networks, config.seed)
    ):

        def build(number: int = number, architecture: object = architecture) -> keras.Model:
            with seeds.weights(config.seed + number):
                return problem.child(architecture)

        name = architecture_keys.key(architecture)
        yield Network(name, f"{number} {name}", build)


def _of_files(files: Sequence[str], images: data.ImageData) -> Iterator[Network]:
    """Networks by the names of their files."""

    def load(path: str) -> keras.Model:
        try:
            network = keras.saving.load_model(path, compile=False)
        except (OSError, ValueError, TypeError) as error:
            cause = (str(error).strip().splitlines() or [""])[0]
            raise InvalidInput(f"{path!r} must be a network that Keras saved: {cause}") from error
        shape = tuple(network.input_shape[1:])
        if shape != tuple(images.image_shape):
            raise InvalidInput(
                f"{path!r} must take images of the data set, {tuple(images.image_shape)}: it takes "
                f"{shape}"
            )
        return network

    for path in files:
        place = epath.Path(path)
        content = sha256(place) if place.is_file() else "none"
        yield Network(path, f"{content} {path}", functools.partial(load, path))


def _scored(
    config: ConfigDict,
    images: data.ImageData,
    networks: Iterator[Network],
    count: int,
    directory: RunDirectory,
    console: rich.console.Console,
) -> tuple[list[str], dict[str, Sequence[float]]]:
    """The names of the networks, and a column a score."""
    asked = tuple(dict.fromkeys((*config.score.scores, *score_names.SIZES)))
    pixels, labels = dataset.batch_of_all_classes(images, config.score.batch_size)
    log = ScoreLog(directory.score_log_path, _depends_on(config, pixels, labels, asked))
    known = {} if directory.overwrite else log.read()
    names, rows = [], []
    following = rich.progress.track(
        networks, "scoring", total=count, console=console, disable=not console.is_terminal
    )
    for name, key, build in following:
        names.append(name)
        if key not in known:
            known[key] = zero_cost.scores(build(), pixels, asked, labels=labels)
            log.add(key, known[key])
        rows.append(known[key])
    return names, {name: [row[name] for row in rows] for name in asked}


def _depends_on(
    config: ConfigDict, pixels: np.ndarray, labels: np.ndarray, asked: Sequence[str]
) -> dict[str, Any]:
    """What the scores of a network depend on beside itself, as plain data."""
    images = hashlib.sha256(np.asarray(pixels).tobytes() + np.asarray(labels).tobytes())
    recorded = {"seed": config.seed, "images": images.hexdigest()[:12], "scores": asked}
    recorded |= {section: config[section].to_dict() for section in ("space", "network")}
    return json.loads(json.dumps(recorded))


def _truth(table: Table | None, names: Sequence[str]) -> dict[str, list[float]]:
    """The accuracies of a table; NaN where it lacks a network."""
    if table is None:
        return {}
    metric = table.accuracies[0]
    return {metric: [table(name)[metric] if name in table else np.nan for name in names]}


def _csv(names: Sequence[str], columns: Columns, order: Sequence[int]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["network", *(name.replace(" ", "_") for name in columns)])
    for row in order:
        writer.writerow([names[row], *(float(column[row]) for column in columns.values())])
    return text.getvalue()


def _best(names: Sequence[str], columns: Columns, order: Sequence[int]) -> rich.table.Table:
    grid = rich.table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_column("network", overflow="ellipsis", no_wrap=True)
    for name in columns:
        grid.add_column(name, justify="right")
    for row in order[:_SHOWN]:
        numbers = (f"{column[row]:,.6g}" for column in columns.values())
        grid.add_row(rich.markup.escape(names[row]), *numbers)
    return grid


def _agreement(columns: Columns, truth: Columns) -> rich.table.Table:
    """Rank correlations of every column with the accuracies, and with the size."""
    grid = rich.table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    compared = {**truth, "parameters": columns["parameters"]}
    grid.add_column("ranked by")
    for name in compared:
        grid.add_column(f"tau with\n{name}", justify="right")
        grid.add_column("Spearman", justify="right")
    for name, column in columns.items():
        cells = []
        for true in compared.values():
            known = np.isfinite(true)
            pair = zero_cost.correlation(np.asarray(column)[known], np.asarray(true)[known])
            cells += ["", ""] if pair is None else [f"{number:.3f}" for number in pair]
        grid.add_row(name, *cells)
    return grid


def _tell(console: rich.console.Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
