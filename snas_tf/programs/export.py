# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=export: writes the network of a run as the next version of a SavedModel."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import rich.console
import rich.table
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import serving, shipped
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import InvalidInput
from snas_tf.machine import runtime
from snas_tf.programs import found_network
from snas_tf.programs.datasets import data_binding
from snas_tf.programs.exporters import Exporter, exporter_of
from snas_tf.programs.found_network import FoundNetwork
from snas_tf.runs import next_commands, results
from snas_tf.runs.files import is_on_disk
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGE_NAMES


@named_images()
def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Exports the network that is best on the validation images, or the one that the config names.

    Args:
        config: What to write and where to compute: reads `export` and `runtime`; everything else is
            what the run recorded.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no such network, it is no better than chance, its data set
            is gone, or an extra format needs a package that is missing.
        Failure: What was written does not answer as the network does; nothing was exported.
    """
    found = found_network.choose(directory, config.export.network)
    if not config.export.allow_chance:
        found_network.refuse_chance(directory, found)
    if not is_on_disk(directory.path):
        raise InvalidInput(
            f"`--mode=export` needs a --workdir on this machine: given {directory.path}; do copy "
            "the run and export the copy"
        )
    directory.lock()
    # The C++ loader tries the model on the CPU, whose rounding is not that of a GPU.
    if tf.config.list_physical_devices("GPU"):
        tf.config.set_visible_devices([], "GPU")
    runtime.configure(config)
    recorded = ConfigDict(directory.recorded(found.stage))
    examples = data_binding.open_of_stage(config, directory, found.stage, rich.console.Console())
    network = found.load()
    exporter = exporter_of(config.export, recorded, examples)

    def describe(draft: pathlib.Path, formats: Mapping[str, pathlib.Path]) -> dict[str, Any]:
        return {
            **exporter.measured(draft, formats),
            "cost": dataclasses.asdict(network.cost),
            "dataset": examples.describe(),
            "config": recorded.to_dict(),
            **_recorded(directory, found),
        }

    exported = exporter.write(network, pathlib.Path(directory.export_folder), describe)
    _tell(exported, exporter, found)


def _recorded(directory: RunDirectory, found: FoundNetwork) -> dict[str, Any]:
    """What the run says of a network and its stage."""
    stage = found.stage
    measured = results.recorded(directory.results_path(stage))
    return {
        "stage": STAGE_NAMES[stage],
        "network": found.name,
        "chosen": found.describe(),
        "results": [dataclasses.asdict(result) for result in measured],
        "environment": directory.environments().get(stage, {}),
    }


def _tell(exported: serving.Exported, exporter: Exporter, found: FoundNetwork) -> None:
    console = rich.console.Console()
    verified = exported.verification
    loaders = "Python's and TensorFlow's C++ loader"
    if verified.cpp_differences is None:
        loaders = "Python's loader (TensorFlow has no C++ library to call here)"
    lines = [
        f"Wrote {exported.place}: {found.describe()}.",
        f"Verified by {loaders} against the network, requests of "
        f"{', '.join(map(str, verified.batch_sizes))} {exporter.examples}: greatest difference of "
        f"a {exporter.answer} {verified.greatest_difference():.1e}; {verified.malformed_refused} "
        "malformed requests refused.",
        *exporter.lines(exported),
    ]
    if exported.removed:
        gone = ", ".join(map(str, exported.removed))
        lines.append(f"Removed as older than export.keep_versions: {gone}.")
    console.print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)
    if "test_images" in exported.metadata:
        console.print(_table(exported))
    console.out(
        f"Serve it: {next_commands.server(serving.MODEL, exported.place.parent)}",
        f"With containers, clients, canaries and monitoring: see {_how_to_deploy()}.",
        sep="\n",
        highlight=False,
    )


def _how_to_deploy() -> str:
    """The first page of the deployment kit, from here where it lies in the present folder."""
    page, here = shipped.deployment_kit() / "README.md", pathlib.Path.cwd()
    return str(page.relative_to(here) if page.is_relative_to(here) else page)


def _table(exported: serving.Exported) -> rich.table.Table:
    """What was written, how large it is, and how well it does."""
    count = exported.metadata["test_images"]["measured"]
    table = rich.table.Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    table.add_column("\nformat")
    table.add_column(f"right of {count}\ntest images", justify="right")
    table.add_column("\nKiB", justify="right")
    table.add_column("\nfile")
    files = {"saved_model": exported.place, **exported.formats}
    for name, path in files.items():
        accuracy = exported.metadata["accuracy"][name]
        place = os.path.relpath(path, exported.place.parent)
        place += "/" if path.is_dir() else ""
        table.add_row(name, f"{accuracy:.2%}", f"{_size(path) / 1024:,.0f}", place)
    return table


def _size(path: pathlib.Path) -> int:
    """Bytes of a file, or of a SavedModel without its extra assets."""
    if path.is_file():
        return path.stat().st_size
    files = (each for each in path.rglob("*") if each.is_file())
    return sum(each.stat().st_size for each in files if serving.EXTRA_ASSETS not in each.parts)
