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

from snas_tf import data, serving, shipped
from snas_tf.data.pipeline_errors import named_images
from snas_tf.data.splits import GRAPHS
from snas_tf.errors import InvalidInput
from snas_tf.machine import runtime
from snas_tf.programs import found_network, graph_export
from snas_tf.programs.datasets import data_binding, dataset
from snas_tf.programs.found_network import FoundNetwork
from snas_tf.runs import next_commands, results
from snas_tf.runs.files import is_on_disk
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGE_NAMES

_EXAMPLES = 128
_BATCH = 32


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
    images = data_binding.open_of_stage(config, directory, found.stage, rich.console.Console())
    network = found.load()
    most_images = config.export.max_batch_size
    if images.dtype == GRAPHS:
        graph_export.write(config, directory, found, network, images, _recorded(directory, found))
        return
    test = dataset.spread(images.test, config.export.num_test_images or images.test.size)

    def describe(draft: pathlib.Path, formats: Mapping[str, pathlib.Path]) -> dict[str, Any]:
        return {
            "accuracy": _accuracies(draft, formats, test, min(_BATCH, most_images)),
            "test_images": {"measured": test.size, "all": images.test.size},
            "cost": dataclasses.asdict(network.cost),
            "dataset": images.describe(),
            "config": recorded.to_dict(),
            **_recorded(directory, found),
        }

    ((examples, _),) = dataset.pixels(dataset.spread(images.validation, _EXAMPLES), _EXAMPLES)
    exported = serving.export(
        network,
        pathlib.Path(directory.export_folder),
        normalization=data.normalization(images),
        frame=dataset.framing(recorded.data).fitting(images.image_shape)
        if images.train.holds_images
        else None,
        class_names=images.class_names,
        examples=examples,
        most_images=most_images,
        extra_formats=config.export.formats,
        keep=config.export.keep_versions,
        describe=describe,
    )
    _tell(exported, images, found)


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


def _accuracies(
    draft: pathlib.Path, formats: Mapping[str, pathlib.Path], test: data.Split, batch_size: int
) -> dict[str, float]:
    """The part of the test images that each file puts into the right class."""
    files = {"saved_model": draft, **formats}
    predictors = {name: serving.predictor(path) for name, path in files.items()}
    right = dict.fromkeys(predictors, 0)
    for images, labels in dataset.pixels(test, batch_size):
        for name, predict in predictors.items():
            right[name] += int((predict(images).argmax(axis=1) == labels).sum())
    return {name: count / test.size for name, count in right.items()}


def _tell(exported: serving.Exported, images: data.ImageData, found: FoundNetwork) -> None:
    console = rich.console.Console()
    verified, metadata = exported.verification, exported.metadata
    shape = ", ".join(map(str, ("batch", *images.image_shape)))
    names = ", ".join(images.class_names[:12]) + (", ..." if images.num_classes > 12 else "")
    loaders = "Python's and TensorFlow's C++ loader"
    if verified.cpp_differences is None:
        loaders = "Python's loader (TensorFlow has no C++ library to call here)"
    pictures = images.train.holds_images
    name = serving.IMAGE if pictures else serving.EXAMPLE
    files = (
        f"Signature {serving.BYTES_SIGNATURE}: image_bytes string (batch,), PNG or JPEG files of "
        "any size"
    )
    lines = [
        f"Wrote {exported.place}: {found.describe()}.",
        f"Verified by {loaders} against the network, requests of "
        f"{', '.join(map(str, verified.batch_sizes))} images: greatest difference of a probability "
        f"{verified.greatest_difference():.1e}; {verified.malformed_refused} malformed requests "
        "refused.",
        f"Signature {serving.IMAGE_SIGNATURE}: {name} {images.dtype} ({shape})",
        *([files] if pictures else []),
        f"{'Both answer' if pictures else 'It answers'} class_id, class_name, probabilities, "
        f"logits for up to {metadata['most_images']} images; classes: {names}.",
    ]
    if exported.removed:
        gone = ", ".join(map(str, exported.removed))
        lines.append(f"Removed as older than export.keep_versions: {gone}.")
    console.print("\n".join(lines), soft_wrap=True, highlight=False, markup=False)
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
