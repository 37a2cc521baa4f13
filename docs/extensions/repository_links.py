# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pages are read in the repository too, and link to files outside of docs/.

README, deployment kit and changelog are pages of the site; other files become downloads, which is
MyST's own doing; of a folder nothing but the name is left.
"""

from __future__ import annotations

import pathlib
import re

from sphinx.application import Sphinx

_PAGES = {
    "../README.md": "index.md",
    "../CHANGELOG.md": "changelog.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../export/README.md": "deployment.md",
}
_LINK = re.compile(r"\[((?:[^][]|\[[^]]*\])*)\]\((\.\./[^()\s#]*)(#[^()\s]*)?\)")
_INCLUDED = {"changelog": "", "contributing": "", "deployment": "export/"}
"""Pages that are files of other folders, and these folders."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the extension."""
    app.connect("source-read", _at_home)
    app.connect("include-read", _included)
    return {"parallel_read_safe": True}


def _at_home(app: Sphinx, docname: str, source: list[str]) -> None:
    folder = (pathlib.Path(app.srcdir) / docname).parent

    def link(found: re.Match[str]) -> str:
        text, path, anchor = found[1], found[2], found[3] or ""
        target = (folder / path).resolve()
        inside = target.relative_to(pathlib.Path(app.srcdir).parent).as_posix()
        if page := _PAGES.get(f"../{inside}"):
            return f"[{text}]({'../' * docname.count('/')}{page}{anchor})"
        return text if target.is_dir() else found[0]

    source[0] = _LINK.sub(link, source[0])


def _included(app: Sphinx, relative_path: pathlib.Path, docname: str, source: list[str]) -> None:
    """Links of a file that is a page here, as if it stood in docs/."""
    folder = _INCLUDED[docname]
    linked = re.compile(r"(?<=\]\()(?!https?:|#)([^()\s]+)(?=\))")
    source[0] = linked.sub(lambda found: _normal(f"../{folder}{found[1]}"), source[0])
    _at_home(app, docname, source)


def _normal(path: str) -> str:
    """A path from docs/, without the detour by the folder of the file."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    joined = "/".join(parts)
    return joined.removeprefix("../docs/")
