# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder are images of which class and split, and what is there besides.

Nothing is passed over in silence but what operating systems, archivers and tools leave behind. What
is not read is counted and named; what would be read as something else than it is, is refused.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from snas_tf.data.images.image_formats import EXTENSIONS
from snas_tf.errors import InvalidInput

SPLIT_FOLDERS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
"""The names, in any case, under which the folders of the splits are known."""

_LEFT_BEHIND = frozenset(
    {
        *("__macosx", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"),
        *("@eadir", "#recycle", "lost+found", "system volume information", "__pycache__"),
    }
)
_NAMED_AS_SPLIT = re.compile(
    r"(train|training|validation|valid|val|dev|eval|evaluation|test|testing)"
    r"([ _.-]?(set|data|images|imgs|split))?[ _.-]?\d*"
)
_NAMED = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ImageList:
    """The image files of a folder.

    Attributes:
        class_names: Name of each class, in the order of the labels.
        files: Of each split that there is, "train" always: its files, class by class, and their
            labels, int32 [files].
        unread: What is there besides, a phrase each, such as "12 .heic files".
    """

    class_names: tuple[str, ...]
    files: dict[str, tuple[tuple[Path, ...], np.ndarray]]
    unread: tuple[str, ...]


def list_images(root: Path) -> ImageList:
    """Lists the images of `<root>/<class>/<image>` or `<root>/<split>/<class>/<image>`.

    Args:
        root: An existing folder.

    Raises:
        InvalidInput: It is none of the two, has fewer than two classes, a class without images, or
            a class that is none of the training split's.
        OSError: A folder cannot be listed.
    """
    unread = _Unread()
    parts = _parts(root, unread)
    class_folders = {part: _folders(folder) for part, folder in parts.items()}
    class_names = tuple(folder.name for folder in class_folders["train"])
    _check_classes(parts["train"], class_names)
    files = {}
    for folder in {root, *parts.values()}:
        unread.in_no_class(folder)
    for part, folder in parts.items():
        files[part] = _labelled_files(part, folder, class_folders[part], class_names, unread)
    return ImageList(class_names=class_names, files=files, unread=unread.phrases())


def quoted(names: Sequence[str], most: int = 5) -> str:
    """A few of the names, however many there are."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


class _Unread:
    """Counts what is not read."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self._folders: list[str] = []
        self._beside: list[str] = []
        self._loose = 0
        self._unlabelled: list[str] = []

    def within_class(self, others: Iterable[Path]) -> None:
        """Takes what is in a class folder and no image."""
        for other in others:
            if other.is_dir():
                self._folders.append(f"{other.parent.name}/{other.name}")
            else:
                self._files[other.suffix.lower()] += 1

    def in_no_class(self, folder: Path) -> None:
        """Counts the images beside class folders; other files there are lists, licences, notes."""
        self._loose += sum(_is_image(child) and not child.is_dir() for child in _children(folder))

    def beside_train(self, folders: Iterable[Path]) -> None:
        """Takes the folders beside `train` that are no known split."""
        self._beside += [folder.name for folder in folders]

    def unlabelled(self, folder: Path, count: int) -> None:
        """Takes a split without class folders."""
        self._unlabelled.append(f"{_counted(count, 'image')} without a class in '{folder.name}'")

    def phrases(self) -> tuple[str, ...]:
        """All that was counted."""
        found = [
            _counted(count, f"{suffix} file" if suffix else "file without an extension")
            for suffix, count in sorted(self._files.items())
        ]
        if self._folders:
            named = quoted(self._folders, _NAMED)
            found.append(f"{_counted(len(self._folders), 'folder')} within classes ({named})")
        if self._loose:
            found.append(f"{_counted(self._loose, 'image')} in no class folder")
        if self._beside:
            named = quoted(self._beside, _NAMED)
            found.append(f"{_counted(len(self._beside), 'folder')} beside 'train' ({named})")
        return (*found, *self._unlabelled)


def _parts(root: Path, unread: _Unread) -> dict[str, Path]:
    """The folders of the splits: `train` and what is beside it, or the root alone."""
    folders = _folders(root)
    named = {part: _split_folder(root, folders, part) for part in SPLIT_FOLDERS}
    train = named["train"]
    if train is None or not _folders(train):
        _check_undivided(root, folders)
        return {"train": root}
    unread.beside_train(folder for folder in folders if folder not in named.values())
    parts = {}
    for part, folder in named.items():
        if folder is None:
            continue
        loose = [child for child in _children(folder) if _is_image(child)]
        if loose and not _folders(folder):
            unread.unlabelled(folder, len(loose))
        else:
            parts[part] = folder
    return parts


def _split_folder(root: Path, folders: Sequence[Path], part: str) -> Path | None:
    """The folder of a split, if there is one."""
    found = [folder for folder in folders if folder.name.lower() in SPLIT_FOLDERS[part]]
    if len(found) > 1 and any(_folders(folder) for folder in found):
        raise InvalidInput(
            f"`data.source` must have one folder for each split: '{root}' has "
            f"{quoted([folder.name for folder in found])} for {part}; do keep one of them"
        )
    return found[0] if found else None


def _check_undivided(root: Path, folders: Sequence[Path]) -> None:
    """Refuses folders that are splits of images without class folders, or splits beside classes."""
    splits = [folder.name for folder in folders if _NAMED_AS_SPLIT.fullmatch(folder.name.lower())]
    others = len(folders) - len(splits)
    # Beside other classes "train" may be a vehicle.
    if not splits or (others and [name.lower() for name in splits] == ["train"]):
        return
    beside = "beside folders that are none" if others else "without a 'train' of class folders"
    raise InvalidInput(
        f"`data.source` must be `<path>/<class>/<image>` or `<path>/train/<class>/<image>`: "
        f"'{root}' has {quoted(splits)}, named as {'splits' if len(splits) > 1 else 'a split'}, "
        f"{beside}; do move the images of each class into a folder of its name within 'train', "
        "'validation' and 'test', or rename the folders if they are classes"
    )


def _check_classes(train: Path, class_names: tuple[str, ...]) -> None:
    if len(class_names) >= 2:
        return
    given = quoted(class_names) if class_names else "no folders"
    images = sum(_is_image(child) for child in _children(train))
    if images:
        given += f" and {_counted(images, 'image')} in no class folder"
    message = (
        "`data.source` must be a folder with a folder a class, at least two: given "
        f"'{train}' with {given}"
    )
    within = [folder.name for name in class_names for folder in _folders(train / name)]
    if len(within) > 1:
        message += f"; do you mean '{train / class_names[0]}', which has {quoted(within)}?"
    raise InvalidInput(message)


def _labelled_files(
    part: str,
    folder: Path,
    class_folders: Sequence[Path],
    class_names: tuple[str, ...],
    unread: _Unread,
) -> tuple[tuple[Path, ...], np.ndarray]:
    """The images of a split's folder, class by class, and their labels."""
    paths: list[Path] = []
    labels: list[int] = []
    numbers = {name: number for number, name in enumerate(class_names)}
    for class_folder in class_folders:
        if class_folder.name not in numbers:
            raise InvalidInput(
                f"`data.source` must have the same classes in all its splits: '{class_folder}' is "
                f"none of the training split's ({quoted(class_names)}); do rename or remove it, or "
                f"move the images directly into '{folder.name}' if they have no labels"
            )
        children = _children(class_folder)
        images = [child for child in children if _is_image(child)]
        others = [child for child in children if not _is_image(child)]
        if not images and part == "train":
            raise InvalidInput(_tell_of_empty(class_folder, others))
        unread.within_class(others)
        paths += images
        labels += [numbers[class_folder.name]] * len(images)
    if not paths:
        raise InvalidInput(
            f"`data.source` must have a folder a class in every split, with images: '{folder}' has "
            "none; do fill or remove it"
        )
    return tuple(paths), np.array(labels, np.int32)


def _tell_of_empty(class_folder: Path, others: Sequence[Path]) -> str:
    there = _Unread()
    there.within_class(others)
    given = " and ".join(there.phrases()) or "nothing"
    return (
        f"`data.source` must have images in every class: '{class_folder}' has none with an "
        f"extension of {', '.join(EXTENSIONS)}, but {given}; do fill or remove the folder"
    )


def _folders(folder: Path) -> list[Path]:
    return [child for child in _children(folder) if child.is_dir()]


def _children(folder: Path) -> list[Path]:
    """What is in a folder, by name, without what nobody put there."""
    return sorted(child for child in folder.iterdir() if not _left_behind(child.name))


def _left_behind(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LEFT_BEHIND


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in EXTENSIONS


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
