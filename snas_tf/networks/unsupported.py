# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What of `keras.Model` the models of this package cannot do, told in one line with the way on."""

from __future__ import annotations

import os
from typing import Any


class Unsupported:
    """Mixin of a `keras.Model`, before it among the bases."""

    def save(self, filepath: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.save`, in the format .keras.

        An HDF5 file names a class without its package: Keras would write what it cannot read.

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

    def quantize(self, mode: Any = None, *args: Any, **kwargs: Any) -> None:
        """Refused: Keras quantizes its own layers alone, and what it did could not be saved.

        Args:
            mode: As for Keras.
            *args: As for Keras.
            **kwargs: As for Keras.

        Raises:
            ValueError: Always; says what can be quantized.
        """
        raise ValueError(
            f"{type(self).__name__} is made of layers that Keras does not quantize. Received: "
            f"mode={mode!r}. Use `child.to_keras(...).quantize(...)`, or export it with "
            "`extra_formats=['litert_int8']`."
        )
