# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The file formats of Keras in which a model of this package can be kept."""

from __future__ import annotations

import os
from typing import Any


class SavedAsKeras:
    """Mixin of a `keras.Model`, before it among the bases: refuses the format before `.keras`.

    An HDF5 file names a class without its package, so Keras would write what it cannot read again.
    """

    def save(self, filepath: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.save`, in the format `.keras`.

        Args:
            filepath: The file, which ends in .keras.
            *args: As for Keras.
            **kwargs: As for Keras.

        Raises:
            ValueError: The file is to be HDF5; nothing is written.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"{type(self).__name__} is saved in the format .keras, not in HDF5, which cannot "
                f"hold it. Received: filepath={str(filepath)!r}. Use `save('....keras')`, or "
                "`save_weights('....weights.h5')` for the weights alone."
            )
        super().save(filepath, *args, **kwargs)
