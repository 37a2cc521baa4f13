# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network of the best epoch of a training, by its accuracy on the validation images.

Where labels are numbers, the least mean error on them takes the place of the accuracy.

Which epoch is the best, and how good it is, stands in the history alone. Its network is written
before the checkpoint that records it: a training that is killed in between repeats that epoch, and
writes the same network again.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from etils import epath

from snas_tf.fitting.history import Row
from snas_tf.runs import network_files

_ACCURACY, _ERROR = "val_accuracy", "val_mean_absolute_error"


def best_epoch(rows: Sequence[Row]) -> int | None:
    """The epoch that is best on the validation images, the first of equals.

    Args:
        rows: The metrics of epochs 1, 2, ...

    Returns:
        Its number, counted from 1; None where there is none.
    """
    if not rows:
        return None
    return 1 + max(range(len(rows)), key=lambda index: worth(rows[index]))


def worth(row: Row) -> float:
    """What says which epoch is better, the greater: the accuracy, or minus the mean error.

    Args:
        row: The metrics of an epoch.
    """
    return float(row[_ACCURACY]) if _ACCURACY in row else -float(row[_ERROR])


class KeepBest(keras.callbacks.Callback):
    """Writes the network after every epoch that is better than all before; a `TrainingModel`'s.

    Args:
        path: Where to write.
        rows: The metrics of the epochs that were done before this fit.
    """

    def __init__(self, path: epath.Path, rows: Sequence[Row]) -> None:
        super().__init__()
        self._path = path
        epoch = best_epoch(rows)
        self._worth = float("-inf") if epoch is None else worth(rows[epoch - 1])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Must be called before the epoch's checkpoint is written."""
        found = worth(logs)
        if found > self._worth:
            self._worth = found
            network_files.save(self.model.network(), self._path)
