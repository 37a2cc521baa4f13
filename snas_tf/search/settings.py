# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What of a model may be set between two calls of `fit`, or within one, and takes effect."""

from __future__ import annotations

from typing import Any

import keras


class Setting:
    """An attribute that the graphs of a model's steps hold as it was when they were made.

    Setting it checks it together with all others and has the graphs made anew, which takes as long
    as the first step does. A value that is refused changes nothing.

    The model has `check_settings()`, which raises ValueError, and `trace_anew()`; both are called
    once `settled` is true.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, model: keras.Model | None, owner: type) -> Any:
        return self if model is None else getattr(model, self._name)

    def __set__(self, model: keras.Model, value: Any) -> None:
        if not model.settled:
            setattr(model, self._name, value)
            return
        before = getattr(model, self._name)
        setattr(model, self._name, value)
        try:
            model.check_settings()
        except ValueError:
            setattr(model, self._name, before)
            raise
        model.trace_anew()
