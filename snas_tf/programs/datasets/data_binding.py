# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run is bound to its images: which they are, and which is for what, is recorded as it begins.

Another division of them, or other ones beside them, and the run would be tested on what it learnt
from; classes in another order, and it would name them wrongly. So every later command takes class
names, normalization and division from the record, manifest.jsonl, and refuses any other images.

A run has one data set: its stages share the record. A search that begins anew makes a new one, by
which a training on other images is out of date.
"""

from __future__ import annotations

import json
from typing import Any

import rich.console
from ml_collections import ConfigDict

from snas_tf import data, reports
from snas_tf.data.image_data import Statistics
from snas_tf.data.manifest import tell_files
from snas_tf.errors import InvalidInput
from snas_tf.fitting import generation
from snas_tf.programs.datasets import dataset
from snas_tf.runs.files import replacing, write_json
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGE_NAMES, STAGES


def open_for_stage(
    config: ConfigDict,
    directory: RunDirectory,
    stage: str,
    console: rich.console.Console,
    *,
    recorded_in: RunDirectory | None = None,
) -> data.ImageData:
    """Opens the images of a stage that is to begin, or to go on; writes nothing.

    Args:
        config: The config, checked.
        directory: The run directory, not yet begun.
        stage: "search" or "train".
        console: Where to tell of files whose content is another one.
        recorded_in: The run whose images these must be; None for that of `directory`, if it has
            begun.

    Returns:
        The images: as recorded, or divided anew where nothing was recorded.

    Raises:
        InvalidInput: The images cannot be used, or are others than the run began with.
    """
    if recorded_in is None and not _is_bound(directory, stage):
        return dataset.load(config)
    return _open(config, recorded_in or directory, config, console)


def open_of_stage(
    config: ConfigDict, directory: RunDirectory, stage: str, console: rich.console.Console
) -> data.ImageData:
    """Opens the images that a finished stage has learnt from.

    Args:
        config: The config of this command; reads `runtime`. What to open the stage recorded.
        directory: The run directory, which this process has locked.
        stage: "search" or "train".
        console: Where to tell of files whose content is another one.

    Raises:
        InvalidInput: The images are gone, or others than the run began with.
    """
    recorded = _recorded(directory)
    if recorded is None:
        raise _without_record(directory)
    _refuse_out_of_date(directory, stage, recorded)
    images = _open(ConfigDict(directory.recorded(stage)), directory, config, console)
    _write(directory, images, images.manifest, recorded["stages"])
    return images


def record(
    directory: RunDirectory, stage: str, images: data.ImageData, console: rich.console.Console
) -> None:
    """Records the images of a stage that begins, and that it goes by this record.

    Args:
        directory: The run directory, in which the stage has begun.
        stage: "search" or "train".
        images: What `open_for_stage` gave.
        console: Where to say that all files are read, if that takes long, and that what another
            stage left is out of date.
    """
    manifest, before = images.manifest, _recorded(directory)
    stages = {*(before["stages"] if before else ()), stage}
    if manifest is None:
        manifest = _read_all(images, console)
        if before and before["fingerprint"] != manifest.fingerprint:
            for other in stages - {stage}:
                _tell_out_of_date(directory, other, console)
                directory.mark_out_of_date(other)
            stages = {stage}
    _write(directory, images, manifest, [each for each in STAGES if each in stages])


def _is_bound(directory: RunDirectory, stage: str) -> bool:
    """Whether a stage that begins has to take the recorded images.

    Raises:
        InvalidInput: It would have to, and there is no record, or one of others than it began with.
    """
    others = [each for each in STAGES if each != stage and directory.recorded(each)]
    if directory.overwrite and (stage == "search" or not others):
        return False
    recorded = _recorded(directory)
    if recorded is None:
        begun = others if directory.overwrite else STAGES
        if any(generation.generations(directory.checkpoints_folder, each) for each in begun):
            raise _without_record(directory)
        return False
    if not directory.overwrite and generation.generations(directory.checkpoints_folder, stage):
        _refuse_out_of_date(directory, stage, recorded)
    return True


def _open(
    config: ConfigDict,
    directory: RunDirectory,
    present: ConfigDict,
    console: rich.console.Console,
) -> data.ImageData:
    """Opens the recorded images of a run, by a config of a stage of its."""
    changed: tuple[str, ...] = ()

    def recall(origin: data.Origin) -> tuple[data.Manifest, Statistics]:
        nonlocal changed
        head, manifest = _read(directory)
        manifest, changed = manifest.recognize(
            origin,
            owner=f"the run in {directory.path}",
            remedy="use another --workdir, or begin this one anew with "
            f"--mode={head['stages'][0]} --overwrite",
            accept_changed=present.runtime.accept_changed_files,
        )
        described = head["dataset"]
        return manifest, (tuple(described["mean"]), tuple(described["deviation"]))

    images = dataset.load(config, recall)
    if changed:
        reports.print_warning(
            console,
            f"{tell_files('changed', changed)} since the run in {directory.path} began, and taken "
            "as they are now, as runtime.accept_changed_files says.",
        )
    return images


def _read_all(images: data.ImageData, console: rich.console.Console) -> data.Manifest:
    """The manifest of images that were divided now."""
    if not images.train.in_memory:
        console.print(
            f"Reading all {len(images.origin.paths):,} files of the data set once, to record their "
            "content.",
            soft_wrap=True,
            highlight=False,
        )
    return data.Manifest.of(images.origin, images.division)


def _refuse_out_of_date(directory: RunDirectory, stage: str, recorded: dict[str, Any]) -> None:
    if stage not in recorded["stages"]:
        raise InvalidInput(
            f"`--workdir` {directory.path} holds a {STAGE_NAMES[stage]} on other images than those "
            f"of the {STAGE_NAMES[recorded['stages'][0]]} that was begun anew since; do begin it "
            f"anew too with --mode={stage} --overwrite"
        )


def _tell_out_of_date(directory: RunDirectory, stage: str, console: rich.console.Console) -> None:
    reports.print_warning(
        console,
        f"the {STAGE_NAMES[stage]} in {directory.path} was on other images and counts no more; "
        f"--mode={stage} --overwrite begins it anew.",
    )


def _without_record(directory: RunDirectory) -> InvalidInput:
    return InvalidInput(
        f"`--workdir` {directory.path} must hold the record of the images that it began with: "
        f"{directory.manifest_path.name} is not there, as in runs by an earlier version, so its "
        "test images cannot be told from those that it learnt from; do begin anew with "
        "--overwrite, or use that version"
    )


def _recorded(directory: RunDirectory) -> dict[str, Any] | None:
    """What a run says of its record, without the record; None without one."""
    if not directory.manifest_path.exists():
        return None
    try:
        with directory.manifest_path.open("r") as file:
            return _head(file.readline())
    except ValueError as error:
        raise _damaged(directory) from error


def _read(directory: RunDirectory) -> tuple[dict[str, Any], data.Manifest]:
    try:
        with directory.manifest_path.open("r") as file:
            return _head(file.readline()), data.Manifest.parse(file)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _damaged(directory) from error


def _head(line: str) -> dict[str, Any]:
    head = json.loads(line)
    if not isinstance(head, dict) or not {"stages", "fingerprint", "dataset"} <= {*head}:
        raise ValueError("the first line must say which stages go by the record")
    return head


def _damaged(directory: RunDirectory) -> InvalidInput:
    return InvalidInput(
        f"`--workdir` {directory.path} must hold a whole run: {directory.manifest_path.name} is "
        "damaged; do bring it back, or begin anew with --overwrite"
    )


def _write(
    directory: RunDirectory,
    images: data.ImageData,
    manifest: data.Manifest,
    stages: list[str],
) -> None:
    """Writes the record, in one file of which a reader sees all or nothing, and its summary.

    Nothing is written that is there already: a run of a million files has 150 MB of them.
    """
    described = images.describe()
    head = {
        "stages": stages,
        "fingerprint": manifest.fingerprint,
        "stamp": manifest.stamp,
        "dataset": described,
    }
    if head != _recorded(directory):
        with replacing(directory.manifest_path) as draft, draft.open("w") as file:
            file.writelines(f"{line}\n" for line in (json.dumps(head), *manifest.lines()))
        write_json(directory.dataset_path, described)
    elif not directory.dataset_path.exists():
        write_json(directory.dataset_path, described)
