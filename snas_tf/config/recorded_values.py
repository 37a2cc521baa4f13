# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a command that is not told takes from the run: its data, and what its network was found on.

A search on a folder is followed by `--mode=train` without the folder; a run has one data set.
"""

from __future__ import annotations

from collections.abc import Collection

from ml_collections import ConfigDict

from snas_tf.config.defaults import KEYS, flatten, get_config
from snas_tf.config.moved_keys import MOVED, tell
from snas_tf.errors import InvalidInput
from snas_tf.runs import snapshot
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGE_NAMES, STAGES

_OF_THE_DIVISION = tuple(
    f"data.{key}" for key in ("num_images", "validation_fraction", "split_seed", "folds", "fold")
)
_OF_THE_NETWORK = ("space.", "network.")


def refuse_outdated(mode: str, directory: RunDirectory) -> None:
    """Refuses a run whose record has keys that there are no more.

    Args:
        mode: The mode; a stage that begins anew is not refused for what it replaces.
        directory: The run directory.

    Raises:
        InvalidInput: An earlier version began it; names its keys and their new names.
    """
    for stage in STAGES:
        if directory.overwrite and stage == mode:
            continue
        known = {*KEYS, *snapshot.DIGESTS}
        gone = [key for key in snapshot.flat(_record(stage, directory)) if key not in known]
        if gone:
            names = tell(key for key in gone if key in MOVED) or f"{', '.join(gone)} are no more"
            anew = ", or --overwrite, which begins it anew" if stage == mode else ""
            raise InvalidInput(
                f"`--workdir` {directory.path} holds a {STAGE_NAMES[stage]} by another version of "
                f"snas_tf ({names}): do use the version that environment.json there names, or "
                f"another --workdir{anew}"
            )


def take_over(
    mode: str,
    config: ConfigDict,
    directory: RunDirectory,
    *,
    given: Collection[str],
    whole_file: bool,
) -> None:
    """Gives a config the values that the run recorded, where the user gave none.

    A training takes the section `data` of its search, and the space and size of the search's
    network if that is the one to be trained; what is measured of a run or goes on takes its data
    too. A config file gives a value where it differs from the default; but how images are divided
    is settled in a run, whatever a recipe for its training says of runs of their own.

    Args:
        mode: The mode: a stage, "latency", "score" or "ablate".
        config: The config of the command line; it is changed.
        directory: The run directory.
        given: The keys on the command line, "data.source".
        whole_file: Whether there is a config file too.
    """
    recorded, of_the_network = _recorded(mode, directory, whole_file), ()
    if mode == "train" and not config.train.genotype:
        of_the_network = _OF_THE_NETWORK
    present, defaults = flatten(config), flatten(get_config())
    for key, value in recorded.items():
        in_file = whole_file and key not in _OF_THE_DIVISION
        said = key in given or (in_file and present.get(key) != defaults.get(key))
        if key in present and not said and key.startswith(("data.", *of_the_network)):
            section, name = key.split(".")
            config[section][name] = tuple(value) if isinstance(value, list) else value


def _recorded(mode: str, directory: RunDirectory, whole_file: bool) -> dict[str, object]:
    """What the stage recorded that goes on, or else the one that it follows."""
    search, train = (_record(stage, directory) for stage in STAGES)
    anew = directory.overwrite
    own = {"search": search, "train": train}.get(mode, search or train)
    if own and not anew:
        # The file said what it says now when the stage began, or the user changed it.
        if whole_file and mode not in ("latency", "score", "ablate"):
            return {}
        return {**snapshot.flat(search), **snapshot.flat(own)}
    before = search if mode == "train" else {} if anew else train
    return snapshot.flat(before)


def _record(stage: str, directory: RunDirectory) -> snapshot.Snapshot:
    try:
        return directory.recorded(stage)
    except OSError:  # which is told where the directory is checked
        return {}
