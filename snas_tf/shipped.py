# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where the files lie that come with the package: config files and the deployment kit.

In a checkout they are the folders configs/ and export/ beside the package; what pip installs holds
them within it.
"""

from __future__ import annotations

import pathlib

_PACKAGE = pathlib.Path(__file__).resolve().parent


def configs() -> pathlib.Path:
    """The folder of the config files."""
    return _folder("configs")


def deployment_kit() -> pathlib.Path:
    """The folder of what serves an exported network; its README.md says how."""
    return _folder("export")


def config_names() -> tuple[str, ...]:
    """The config files by name, such as "digits", in alphabetical order."""
    return tuple(sorted(path.stem for path in configs().glob("*.py")))


def config_path(name: str) -> pathlib.Path | None:
    """The config file that a user means.

    Args:
        name: Such as "digits", "digits.py" or "configs/digits.py".

    Returns:
        The file, or None where none of that name comes with the package.
    """
    name = name.removeprefix("configs/").removesuffix(".py")
    return configs() / f"{name}.py" if name in config_names() else None


def _folder(name: str) -> pathlib.Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
