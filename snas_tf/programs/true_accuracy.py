# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a table of true accuracies says of a search: judged after the fact, kept in the run.

A search depends on no table. So one may be named at any time, for a run that goes on or is finished
as well; every epoch's probabilities are in the run's history, and with them what the search would
have ended with, the same after a stop and resume.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from snas_tf import reports, space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Table, architecture_keys
from snas_tf.programs import resources
from snas_tf.runs.files import read_json, write_json
from snas_tf.runs.run_directory import RunDirectory


def open_table(
    path: str, cells: space.DecisionSpace, key: str = "evaluation.table"
) -> Table | None:
    """Opens the table that a config names.

    Args:
        path: The config's value.
        cells: The space of the search.
        key: The key that has it.

    Returns:
        The table; None where none is named.

    Raises:
        InvalidInput: It cannot be read, has no accuracy, or is of another space.
    """
    if not path:
        return None
    flag = f"`--config.{key}`"
    try:
        table = Table.load(path)
    except InvalidInput as error:
        raise InvalidInput(f"{flag}: {error}") from error
    if not table.accuracies:
        raise InvalidInput(
            f"{flag} must have an accuracy, a metric with that word in its name: given {path}, "
            f"which has {', '.join(table.metrics)}"
        )
    first = next(iter(table))
    try:
        cells.encode(architecture_keys.read(first, cells))
    except InvalidInput as error:
        raise InvalidInput(
            f"{flag} must have architectures of the space that is searched: given {path}, which "
            f"has {first[:60]} ({error})"
        ) from error
    return table


def judge(
    table: Table,
    trajectory: Sequence[space.Architecture],
    cells: space.DecisionSpace,
    bounds: Sequence[space.Limit] = (),
) -> reports.Truth:
    """Looks up what a search has been through.

    Args:
        table: The table.
        trajectory: What the search would have ended with after every epoch, at least one.
        cells: Its space.
        bounds: What it may find; the table's best keeps to them too.

    Returns:
        What the table says.
    """

    def keeps(key: str) -> bool:
        architecture = architecture_keys.read(key, cells)
        return all(limit.keeps(limit.cost(architecture, cells)) for limit in bounds)

    best = table.best(keeps=keeps if bounds else None)
    return reports.Truth(
        table=table.name,
        count=len(table),
        accuracies=table.accuracies,
        trajectory=tuple(_standing(table, architecture) for architecture in trajectory),
        best=None if best is None else _standing(table, best),
        budget=resources.in_words(bounds),
    )


def record(directory: RunDirectory, truth: reports.Truth) -> None:
    """Keeps what a table says in the run, for reports without the table."""
    write_json(directory.truth_path, dataclasses.asdict(truth))


def recorded(directory: RunDirectory) -> reports.Truth | None:
    """What `record` wrote; None where nothing is."""
    entry = read_json(directory.truth_path)
    if entry is None:
        return None
    standings = tuple(reports.Standing(**one) for one in entry["trajectory"])
    return reports.Truth(
        **{
            **entry,
            "accuracies": tuple(entry["accuracies"]),
            "trajectory": standings,
            "best": entry["best"] and reports.Standing(**entry["best"]),
        }
    )


def _standing(table: Table, architecture: space.Architecture | str) -> reports.Standing:
    key = architecture_keys.key(architecture)
    if key not in table:
        return reports.Standing(architecture=key, values={}, rank=0)
    values = {name: value for name, value in table(key).items() if name in table.accuracies}
    return reports.Standing(architecture=key, values=values, rank=table.rank(key))
