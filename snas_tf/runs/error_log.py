# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the traceback of a failure goes: into a file, for a person sees one line."""

from __future__ import annotations

import os
import pathlib
import tempfile

from snas_tf.runs.run_directory import RunDirectory


def write(text: str, directory: RunDirectory | None) -> str:
    """Writes a traceback where it disturbs nothing.

    Args:
        text: The traceback.
        directory: The run, if the failure knows one; only a run that has begun gets the file.

    Returns:
        The path of error.log in the run directory, or of a temporary file; "" if neither can be
        written, as on a full disk.
    """
    try:
        if directory is not None and directory.config_path.exists():
            place = directory.error_path
        else:
            descriptor, name = tempfile.mkstemp(prefix="snas_tf-error-", suffix=".log")
            os.close(descriptor)
            place = pathlib.Path(name)
        place.write_text(text, encoding="utf-8")
    except OSError:
        return ""
    return str(place)
