# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The manifest of a data set: of what it consists, file by file, and which image is for what.

As text it is JSON, a line a row: the first one tells of the data set, every other one of a file:
what its images are for (null where a file holds many), path, size, the two times, digest.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from snas_tf.data.division import ROLES, Division
from snas_tf.data.file_table import FileTable, compare
from snas_tf.data.source import Origin
from snas_tf.errors import InvalidInput

_FORMAT = 1
_CHUNK = 10_000
_NAMED = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Manifest:
    """What a data set was when it was divided.

    Attributes:
        class_names: Name of each class, in the order of the labels.
        facts: What else makes it what it is, see `Origin`.
        files: Its files.
        division: The role of every example, part by part. Where an image is a file, the examples
            are the files, in their order.
    """

    class_names: tuple[str, ...]
    facts: Mapping[str, str]
    files: FileTable
    division: Division

    @classmethod
    def of(cls, origin: Origin, division: Division) -> Manifest:
        """The manifest of a data set as it is; reads all its files.

        Args:
            origin: What it consists of.
            division: How it is divided.
        """
        return cls(
            class_names=origin.class_names,
            facts=dict(origin.facts),
            files=FileTable.read(origin.root, origin.paths),
            division=division,
        )

    @property
    def by_file(self) -> bool:
        """Whether an image is a file."""
        return not self.facts

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits, the same of two manifests of the same images alike divided."""
        return self._digest(self.files.sizes, self.files.digests, *self.division.values())

    @property
    def stamp(self) -> str:
        """32 hexadecimal digits, the same of two manifests that are written alike."""
        files = self.files
        columns = (files.sizes, files.modified, files.changed, files.digests)
        return self._digest(*columns, *self.division.values())

    def _digest(self, *columns: np.ndarray) -> str:
        sizes = {part: len(roles) for part, roles in self.division.items()}
        head = [self.class_names, self.facts, sizes, self.files.paths]
        digest = hashlib.sha256(json.dumps(head).encode())
        for column in columns:
            digest.update(column.tobytes())
        return digest.hexdigest()[:32]

    def lines(self) -> Iterator[str]:
        """The manifest as text, line by line, without their ends."""
        head = {"format": _FORMAT, "class_names": self.class_names, "facts": self.facts}
        roles: Iterable[str | None] = [None] * len(self.files.paths)
        if self.by_file:
            head["parts"] = {part: len(of) for part, of in self.division.items()}
            roles = (ROLES[role] for of in self.division.values() for role in of)
        else:
            head["roles"] = ROLES
            head["division"] = {part: _digits(of) for part, of in self.division.items()}
        yield json.dumps(head)
        files = self.files
        columns = (files.sizes.tolist(), files.modified.tolist(), files.changed.tolist())
        digests = (digest.decode() for digest in files.digests.tolist())
        for row in zip(roles, files.paths, *columns, digests, strict=True):
            yield json.dumps(row)

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Manifest:
        """Reads a manifest from its lines.

        Raises:
            ValueError: They are not those of a manifest.
        """
        lines = iter(lines)
        head = json.loads(next(lines, "null"))
        if not isinstance(head, dict) or head.get("format") != _FORMAT:
            raise ValueError(f"the first line of a manifest must have format {_FORMAT}")
        columns: list[list] = [[] for _ in range(6)]
        while chunk := [*islice(lines, _CHUNK)]:
            for column, values in zip(
                columns, zip(*json.loads(f"[{','.join(chunk)}]"), strict=True), strict=True
            ):
                column.extend(values)
        roles, paths, sizes, modified, changed, digests = columns
        if "division" in head:
            division = {part: _roles(digits) for part, digits in head["division"].items()}
        else:
            indices = np.array([ROLES.index(role) for role in roles], np.uint8)
            ends = np.cumsum([*head["parts"].values()])
            if ends[-1] != len(indices):
                raise ValueError(f"a manifest of {ends[-1]} files has {len(indices)} rows")
            division = dict(zip(head["parts"], np.split(indices, ends[:-1]), strict=True))
        files = FileTable(
            paths=tuple(paths),
            sizes=np.array(sizes, np.int64),
            modified=np.array(modified, np.int64),
            changed=np.array(changed, np.int64),
            digests=np.array(digests, "S32"),
        )
        return cls(
            class_names=tuple(head["class_names"]),
            facts=head["facts"],
            files=files,
            division=division,
        )

    def recognize(
        self, origin: Origin, *, owner: str, remedy: str, accept_changed: bool
    ) -> tuple[Manifest, tuple[str, ...]]:
        """Makes sure that a data set is the one of this manifest.

        Args:
            origin: What the data set consists of now.
            owner: Whose manifest it is, in words.
            remedy: What can be done but bringing the files back, in words.
            accept_changed: Whether files may have another content.

        Returns:
            The manifest of the data set as it is now, divided as it was; and the files whose
            content is another one.

        Raises:
            InvalidInput: It is another data set; the message says what was added, removed and
                changed.
        """
        found = compare(self.files, origin.root, origin.paths)
        told = [
            *_facts(self.facts, origin.facts),
            *_classes(self.class_names, origin.class_names, self.files.paths, origin.paths),
            *([tell_files("added", found.added)] if found.added else []),
            *([tell_files("removed", found.removed)] if found.removed else []),
        ]
        others = bool(told)
        if found.changed and (others or not accept_changed):
            told.append(tell_files("changed", found.changed))
        if told:
            mended = (
                ""
                if others
                else ", or go on with --config.runtime.accept_changed_files=True if "
                "these files were mended"
            )
            raise InvalidInput(
                f"`data.source` must be the images that {owner} began with: {', '.join(told)}; do "
                f"bring the files back as they were, {remedy}{mended}"
            )
        division = self.division
        if self.by_file and found.now.paths != self.files.paths:  # listed in another order
            division = self._reordered(found.now.paths)
        now = dataclasses.replace(self, files=found.now, division=division)
        return now, found.changed

    def _reordered(self, paths: Sequence[str]) -> Division:
        all_roles = np.concatenate([*self.division.values()])
        places = {path: place for place, path in enumerate(self.files.paths)}
        ends = np.cumsum([len(of) for of in self.division.values()])
        roles = all_roles[[places[path] for path in paths]]
        return dict(zip(self.division, np.split(roles, ends[:-1]), strict=True))


def _digits(roles: np.ndarray) -> str:
    return (roles + ord("0")).astype(np.uint8).tobytes().decode("ascii")


def _roles(digits: str) -> np.ndarray:
    return np.frombuffer(digits.encode("ascii"), np.uint8) - ord("0")


def _facts(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What is another one of what is no file."""
    for name in {**before, **now}:
        if before.get(name) != now.get(name):
            yield f"the {name} is {now.get(name)} and was {before.get(name)}"


def _classes(
    before: Sequence[str], now: Sequence[str], paths_before: Sequence[str], paths: Sequence[str]
) -> Iterator[str]:
    """Classes that were renamed, are gone or new."""
    gone = [name for name in before if name not in {*now}]
    new = [name for name in now if name not in {*before}]
    if not gone and not new:
        return
    were, are = _by_class(paths_before), _by_class(paths)
    renamed = {}
    for name in gone:
        same = [other for other in new if were[name] and were[name] == are[other]]
        if len(same) == 1 and same[0] not in renamed.values():
            renamed[name] = same[0]
    told = [f"'{name}' is named '{other}' now" for name, other in renamed.items()]
    for words, names in (
        ("is gone", [name for name in gone if name not in renamed]),
        ("is new", [name for name in new if name not in renamed.values()]),
    ):
        told += [f"'{name}' {words}" for name in names]
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    yield f"class {', class '.join(told[:_NAMED])}{more}"


def _by_class(paths: Sequence[str]) -> defaultdict[str, Counter[str]]:
    """The names of the files of each class, which is the folder that they lie in."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in paths:
        folder, _, name = path.rpartition("/")
        found[folder.rpartition("/")[2]][name] += 1
    return found


def tell_files(what: str, paths: Sequence[str]) -> str:
    """Such as "12 files added ('cat/1.png', 'cat/2.png', 'cat/3.png', ...)".

    Args:
        what: What became of them, in a word.
        paths: The files, at least one.
    """
    # Names that are no text in UTF-8 could not be printed.
    printed = (path.encode("utf-8", "backslashreplace").decode() for path in paths[:_NAMED])
    shown = ", ".join(f"'{path}'" for path in printed)
    more = ", ..." if len(paths) > _NAMED else ""
    return f"{len(paths)} {'file' if len(paths) == 1 else 'files'} {what} ({shown}{more})"
