# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The folder that holds all of a run: who may write there, and whether a stage may go on.

A run has two stages that take long and write: "search" and "train". Each records the part of the
config that its result depends on; it goes on only under the same one.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shlex
from collections.abc import Iterator
from typing import Any

from etils import epath
from ml_collections import ConfigDict

from snas_tf.errors import InvalidInput
from snas_tf.runs import snapshot
from snas_tf.runs.files import is_on_disk, read_json, write_json
from snas_tf.runs.folder_lock import FolderLock
from snas_tf.runs.run_paths import FILES_OF_NO_STAGE, RunPaths
from snas_tf.runs.stages import STAGE_NAMES, WRITTEN

_OF_THE_DATA = (
    "data.source",
    "data.image_size",
    "data.num_images",
    "data.validation_fraction",
    "data.split_seed",
)
"""What a run's data set depends on, which all of its stages share."""

# The network of a search, trained in the same directory, sees what it was found on.
_OF_THE_GENOTYPE = ("data.source", "data.image_size", "space", "model_digest", "network.stem")


class RunDirectory(RunPaths):
    """A run directory; use it in a `with` statement, which gives up its lock at the end.

    Attributes:
        path: The folder.
        overwrite: Whether a stage begins anew.
        defaults: The default config, or None.

    Args:
        path: The folder; it is created by `begin`, not before.
        overwrite: Whether a stage begins anew, whatever was there, and not where it was stopped.
        defaults: The default config, from which a record of an earlier version takes the keys that
            there were not yet; None to take records as they are.
    """

    def __init__(
        self,
        path: epath.PathLike,
        *,
        overwrite: bool = False,
        defaults: ConfigDict | None = None,
    ) -> None:
        super().__init__(path)
        self.overwrite = overwrite
        self.defaults = defaults
        self._lock = FolderLock(self.path)
        self._at_its_end: set[str] = set()

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def another(self, path: epath.PathLike, *, overwrite: bool = False) -> RunDirectory:
        """Another run's directory, whose records are read with the same defaults.

        Args:
            path: The folder.
            overwrite: Whether a stage begins anew there.
        """
        return RunDirectory(path, overwrite=overwrite, defaults=self.defaults)

    def recorded(self, stage: str) -> dict[str, Any]:
        """The part of the config that a stage was begun with.

        Args:
            stage: "search" or "train".

        Returns:
            Such as {"seed": 0, "data": {...}, "space": {...}, "search": {...}}, tuples as lists;
            {} if the stage was never begun here.
        """
        recorded = self._records().get(stage, {})
        if recorded and self.defaults is not None:
            return snapshot.complete(stage, recorded, self.defaults)
        return recorded

    def finished(self, stage: str) -> bool:
        """Whether a stage came to its end here."""
        return stage in self._finished()

    def extends(self, stage: str, config: ConfigDict) -> bool:
        """Whether a config asks for no more than further trials of a stage, or time for them."""
        return snapshot.extends(
            snapshot.differences(self.recorded(stage), self._snapshot(stage, config))
        )

    def mark_finished(self, stage: str) -> None:
        """Records that a stage came to its end; call it after its last file is written."""
        write_json(self.state_path, {"finished": sorted({*self._finished(), stage})})

    @contextlib.contextmanager
    def finishing(self, stage: str) -> Iterator[None]:
        """Within it a stage counts as finished here; after it, that is recorded.

        Write the report in it, which tells that. Where that fails, or the process is killed in it,
        the stage is not finished, and the same command does again what is left.
        """
        self._at_its_end.add(stage)
        try:
            yield
            self.mark_finished(stage)
        finally:
            self._at_its_end.discard(stage)

    def mark_out_of_date(self, stage: str) -> None:
        """Records that what a stage left counts no more; its networks stay, unmeasured."""
        write_json(self.state_path, {"finished": [s for s in self._finished() if s != stage]})
        self.results_path(stage).unlink(missing_ok=True)

    def check(self, stage: str, config: ConfigDict) -> None:
        """Refuses what `begin` would refuse, without writing anything.

        Args:
            stage: "search" or "train".
            config: The whole config.

        Raises:
            InvalidInput: The path is no folder that can be written, a folder of somebody else, or
                holds this stage with another config.
        """
        with self._usable():
            self._refuse_unusable()
            self._refuse_foreign()
            if stage == "train":
                self._refuse_other_search(config)
            self._refuse_other_data(stage, config)
            self._refuse_other_config(stage, config)

    def begin(self, stage: str, config: ConfigDict, *, replicas: int = 1) -> None:
        """Makes the directory this process's own and records the config and the environment.

        A stage that was stopped goes on, and so does a search by trials that is to have more of
        them: its files stay, and `finished` says whether it came to its end. With `overwrite` all
        that this stage wrote is removed first, and nothing else.

        Args:
            stage: "search" or "train".
            config: The whole config.
            replicas: How many devices share a step, which environment.json tells.

        Raises:
            InvalidInput: As `check`; or another process uses the directory; or it cannot be
                written to.
        """
        self.check(stage, config)
        with self._usable():
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self.check(stage, config)  # another process may have begun in between
            if self.overwrite:
                self._remove(stage)
            elif self.extends(stage, config):
                self.mark_out_of_date(stage)
            record = {stage: self._snapshot(stage, config)}
            write_json(self.config_path, {**self._records(), **record})
        # Imports TensorFlow, which no refusal above has to wait for.
        from snas_tf.machine import environment

        present = {stage: {**environment.describe(), "replicas": replicas}}
        write_json(self.environment_path, {**self.environments(), **present})

    def check_folder(self) -> None:
        """Refuses what `claim` would refuse, without writing anything.

        Raises:
            InvalidInput: The path is no folder that can be written, or one of somebody else.
        """
        with self._usable():
            self._refuse_unusable()
            self._refuse_foreign()
            self._records()  # refuses somebody else's config.json

    def claim(self) -> None:
        """Makes the directory this process's own for what is no stage and records no config.

        Raises:
            InvalidInput: As `check_folder`; or another process uses the directory.
        """
        self.check_folder()
        with self._usable():
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()

    def environments(self) -> dict[str, Any]:
        """What environment.json holds; {} where there is none."""
        return read_json(self.environment_path, {})

    def lock(self) -> None:
        """Makes the directory this process's own, until `release` or the process's end.

        Raises:
            InvalidInput: Another process uses the directory, or it cannot be written to.
        """
        with self._usable():
            self._lock.acquire()

    def release(self) -> None:
        """Gives up the lock; another process may begin."""
        self._lock.release()

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidInput(
                "`--workdir` must be a folder that can be read and written: given "
                f"{self.path} ({error.strerror or error})"
            ) from error

    def _refuse_unusable(self) -> None:
        if not is_on_disk(self.path):
            return  # who may write there shows with the first file
        # pathlib's own `exists` says why where the system refuses to look.
        place = pathlib.Path(self.path)
        nearest = next(path for path in (place, *place.parents) if path.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise InvalidInput(
                f"`--workdir` must be a folder that can be written: given {self.path}, but "
                f"{nearest} is {'read-only' if nearest.is_dir() else 'a file'}; do use another"
            )

    def _refuse_foreign(self) -> None:
        if not self.path.exists() or self.config_path.exists():
            return
        # What modes without a run leave, and a run that was killed in its first moments may leave.
        ours = (".lock", *(f".{name}." for name in (self.config_path.name, *FILES_OF_NO_STAGE)))
        foreign = [
            entry.name
            for entry in self.path.iterdir()
            if entry.name not in FILES_OF_NO_STAGE and not entry.name.startswith(ours)
        ]
        if foreign:
            raise InvalidInput(
                f"`--workdir` must be a new or empty folder, or one of snas_tf: given {self.path}, "
                f"which holds {min(foreign)} and no config.json of snas_tf; do use another"
            )

    def _refuse_other_config(self, stage: str, config: ConfigDict) -> None:
        recorded = self.recorded(stage)
        different = snapshot.differences(recorded, self._snapshot(stage, config))
        if recorded and not self.overwrite and not snapshot.goes_on(different):
            raise InvalidInput(
                f"`--workdir` {self.path} holds a {STAGE_NAMES[stage]} with another config: "
                f"{snapshot.tell(different)}; do use that config, another --workdir, or "
                f"--overwrite, which removes that {STAGE_NAMES[stage]}"
            )

    def _refuse_other_search(self, config: ConfigDict) -> None:
        search = self.recorded("search")
        if config.train.genotype or not search:
            return
        keys = (
            *_OF_THE_GENOTYPE,
            *(f"network.{key}" for key in ("num_cells", "init_channels") if not config.train[key]),
        )
        different = snapshot.differences(search, self._snapshot("search", config))
        different = {key: values for key, values in different.items() if key.startswith(keys)}
        if different:
            raise InvalidInput(
                f"`--mode=train` of the network found in {self.path} needs the config of its "
                f"search: {snapshot.tell(different)}; do pass the same --config and keys, or train "
                f"in another --workdir with "
                f"--config.train.genotype={shlex.quote(str(self.genotype_path))}"
            )

    def _refuse_other_data(self, stage: str, config: ConfigDict) -> None:
        before = self.recorded("search")
        if stage == "search":
            before = {} if before or self.overwrite else self.recorded("train")
        different = snapshot.differences(before, self._snapshot(stage, config)) if before else {}
        different = {key: values for key, values in different.items() if key in _OF_THE_DATA}
        if different:
            raise InvalidInput(
                f"`--workdir` {self.path} holds a run with another data set, of which a run has "
                f"one: {snapshot.tell(different)}; do leave these out, or use another --workdir"
            )

    def _snapshot(self, stage: str, config: ConfigDict) -> snapshot.Snapshot:
        return snapshot.take(stage, config, self.genotype_path)

    def _records(self) -> dict[str, Any]:
        if not self.config_path.exists():
            return {}
        try:
            records = read_json(self.config_path)
        except InvalidInput:
            records = None
        if not isinstance(records, dict) or not records or {*records} - {*snapshot.SECTIONS}:
            raise InvalidInput(
                f"`--workdir` must be a new folder or one of snas_tf: given {self.path}, whose "
                "config.json is not of snas_tf; do use another"
            )
        return records

    def _finished(self) -> list[str]:
        recorded = read_json(self.state_path, {}).get("finished", [])
        return [*recorded, *self._at_its_end.difference(recorded)]

    def _remove(self, stage: str) -> None:
        # First of all the stage is no longer finished, so a kill in between leaves no lie.
        self.mark_out_of_date(stage)
        for pattern in WRITTEN[stage]:
            for path in self.path.glob(pattern):
                path.rmtree() if path.is_dir() else path.unlink()
