# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of a run: everything that its continuation needs, written whole or not at all.

A checkpoint holds the model's variables (weights, the optimizers' state, counters), the history,
the running metrics of an epoch that is not over, and copies of files that go with them. It is
written beside its place with its checksums and then renamed, so a kill at any moment leaves the one
before; the two newest are kept.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Mapping

import keras
import numpy as np
from etils import epath

from snas_tf.errors import Failure
from snas_tf.fitting import generation, model_state
from snas_tf.fitting.generation import Position
from snas_tf.fitting.history import History
from snas_tf.runs import files
from snas_tf.runs.stages import STAGE_NAMES

KEPT = 2
_ANEW = "or begin anew with --overwrite"
_VARIABLES, _METRICS = "variables.npz", "metrics.npz"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a stage goes on.

    Attributes:
        position: How far it has come.
        history: What it has been through.
        metrics: The running metrics of the epoch that is not over, see `metric_state.collect`.
        damaged: What is wrong with newer checkpoints that could not be used, a sentence each.
    """

    position: Position = Position()
    history: History = dataclasses.field(default_factory=History)
    metrics: list[np.ndarray] = dataclasses.field(default_factory=list)
    damaged: tuple[str, ...] = ()


class Checkpoints:
    """The checkpoints of one stage of a run.

    Args:
        folder: Where they lie.
        stage: "search" or "train".
        companions: {name: file} of files that belong to the state, such as the best network; those
            that exist are copied into every checkpoint, and back into their place by `load`.
    """

    def __init__(
        self, folder: epath.Path, stage: str, companions: Mapping[str, epath.Path] | None = None
    ) -> None:
        self._folder = epath.Path(folder)
        self._stage = stage
        self._companions = dict(companions or {})
        self._last: Position | None = None

    @property
    def last(self) -> str:
        """The newest checkpoint that was written or loaded, in words; "" without one."""
        if self._last is None:
            return ""
        place = self._folder / generation.folder_name(self._stage, self._last)
        return f"{place} (after {self._last})"

    def save(
        self,
        state: model_state.State,
        history: History,
        steps: int = 0,
        metrics: list[np.ndarray] | None = None,
    ) -> None:
        """Writes a checkpoint and removes all but the newest two.

        Args:
            state: The model's variables, from `model_state.collect`.
            history: What the stage has been through.
            steps: Steps of the present epoch, 0 at its end.
            metrics: The running metrics of the present epoch.

        Raises:
            Failure: It cannot be written; what was there before is as it was.
        """
        position = Position(history.epochs, steps)
        if position == self._last:
            return
        try:
            self._write(state, history, position, metrics or [])
        except OSError as error:
            safe = f"safe is {self.last}" if self.last else "nothing was saved before"
            raise Failure(
                f"the checkpoint after {position} cannot be written to {self._folder}: "
                f"{_cause(error)}; {safe}; make room or mend the folder, then run the same command"
            ) from error
        self._last = position

    def load(self, model: keras.Model) -> Progress:
        """Restores a model from the newest checkpoint whose files are as they were written.

        Args:
            model: The compiled model, built as it was when the checkpoint was written.

        Returns:
            Where to go on; the start where there is no checkpoint.

        Raises:
            Failure: There are checkpoints, and all of them are damaged; or the newest intact one is
                of another model, or was written by an earlier version.
            ValueError: The optimizer is not built, and would have no state to restore.
        """
        if not model.optimizer.built:
            raise ValueError(
                "`model` must have a built optimizer: call "
                "`model.optimizer.build(model.trainable_variables)` first."
            )
        damaged = []
        for found in generation.generations(self._folder, self._stage):
            if damage := found.damage():
                damaged.append(f"{found.path} cannot be used: {damage}")
                continue
            return self._read(model, found, tuple(damaged))
        if damaged:
            raise Failure(
                f"no checkpoint of the {STAGE_NAMES[self._stage]} is intact: "
                f"{'; '.join(damaged)}; do put back one of them from a copy, {_ANEW}"
            )
        return Progress()

    def restore_companions(self) -> None:
        """Puts the companions of the loaded checkpoint back where they are missing or differ."""
        if self._last is None:
            return
        folder = self._folder / generation.folder_name(self._stage, self._last)
        for name, place in self._companions.items():
            kept = folder / name
            if not kept.exists():
                continue
            if not place.exists() or files.sha256(place) != files.sha256(kept):
                files.write_bytes(place, kept.read_bytes())

    def _write(
        self,
        state: model_state.State,
        history: History,
        position: Position,
        metrics: list[np.ndarray],
    ) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left_over in generation.drafts(self._folder, self._stage):
            left_over.rmtree()
        place = self._folder / generation.folder_name(self._stage, position)
        draft = files.draft_path(place)
        draft.mkdir()
        try:
            model_state.write(state, draft / _VARIABLES)
            history.save(draft)
            arrays = io.BytesIO()
            np.savez(arrays, *metrics)
            (draft / _METRICS).write_bytes(arrays.getvalue())
            for name, companion in self._companions.items():
                if companion.exists():
                    companion.copy(draft / name)
            generation.seal(draft, position)
            for found in generation.generations(self._folder, self._stage):
                if found.position >= position:  # damaged: the run came back from it
                    _set_aside(found)
            draft.rename(place)
        except BaseException:
            with contextlib.suppress(OSError):  # the error that led here is the one to tell
                draft.rmtree(missing_ok=True)
            raise
        files.flush(self._folder)
        self._remove_all_but_the_newest()

    def _read(
        self, model: keras.Model, found: generation.Generation, damaged: tuple[str, ...]
    ) -> Progress:
        if not (found.path / _VARIABLES).exists():
            raise Failure(
                f"{found.path} was written by an earlier version of snas_tf, in a format that this "
                f"one does not read: do go on with that version, {_ANEW}"
            )
        state = model_state.read(found.path / _VARIABLES)
        try:
            model_state.restore(model, state)
        except ValueError as error:
            raise Failure(
                f"{found.path} is of another model ({error}): do go on with the version of "
                f"snas_tf that wrote it, {_ANEW}"
            ) from error
        with np.load(io.BytesIO((found.path / _METRICS).read_bytes())) as arrays:
            metrics = [arrays[f"arr_{number}"] for number in range(len(arrays.files))]
        self._last = found.position
        return Progress(
            position=found.position,
            history=History.load(found.path),
            metrics=metrics,
            damaged=damaged,
        )

    def _remove_all_but_the_newest(self) -> None:
        intact = 0
        for found in generation.generations(self._folder, self._stage):
            if intact == KEPT:
                found.path.rmtree()
            elif found.damage():
                _set_aside(found)
            else:
                intact += 1


def _set_aside(found: generation.Generation) -> None:
    """Renames a damaged checkpoint: it is no use to the run, perhaps to a person."""
    aside = found.path.parent / f"damaged-{found.path.name}"
    aside.rmtree(missing_ok=True)
    found.path.rename(aside)


def _cause(error: OSError) -> str:
    """What the system said; an object store has no error numbers."""
    return error.strerror or str(error).strip().partition("\n")[0][:200]
