# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which image is learnt from, validated on and tested on.

Files are divided by their own names: what becomes of one depends on its name and a seed alone, so
files that are added later move no other. Chance then decides how many images of a class are held
out; it may be none. Two things are seen to, for very small data sets: of every class one image is
left to learn from, and no split is empty. Only an image that was put elsewhere for that may move
when others are added. Examples without names, whose number never changes, are divided class by
class.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from snas_tf.data.folds import parts_of_fold
from snas_tf.data.splits import stratified_split, stratified_subset
from snas_tf.errors import InvalidInput

ROLES = ("train", "validation", "test", "unused")
"""What an example is for; a division holds their indices."""

TRAIN, VALIDATION, TEST, UNUSED = range(len(ROLES))

TEST_FRACTION = 0.2
"""The part held out for the test where a data set has no test split of its own."""

Division = dict[str, np.ndarray]
"""The role of each example, uint8, in each part ("train", "validation", "test") of a data set as it
was found."""

_TEST_SEED = 20190506  # never the run's: the test set is the same in every run
_SUBSET_SEED = 20181224  # nor this one's: runs that are compared learn from the same images
_TEST_STREAM, _VALIDATION_STREAM, _SUBSET_STREAM = 0, 1, 2


def divide(
    labels: Mapping[str, np.ndarray],
    names: Mapping[str, Sequence[str]] | None,
    *,
    validation_fraction: float,
    num_images: int,
    seed: int,
    folds: int = 0,
    fold: int = 0,
) -> Division:
    """Divides a data set; see `image_data.load` for the rules.

    Args:
        labels: The class of every example, part by part; "train" is always there. What has none,
            below 0, is not used.
        names: The name of every example, by which it is divided; None to divide by class.
        validation_fraction: The part held out for validation, in (0, 1).
        num_images: Images to use for training and validation, or 0 for all.
        seed: Draws the validation split.
        folds: How many folds to divide into, class by class, the same whatever `seed` is; 0 to hold
            out parts instead.
        fold: The fold that is the test, from 0; the next one is the validation.

    Returns:
        A role for every example.

    Raises:
        InvalidInput: Nothing could be held out, as every class has one example only, a number is
            out of range, or the data set has parts of its own and is to be divided into folds.
    """
    roles = {part: np.full(len(of), ROLES.index(part), np.uint8) for part, of in labels.items()}
    train, train_labels = roles["train"], np.asarray(labels["train"])
    train[train_labels < 0] = UNUSED
    own = None if names is None else names["train"]
    if folds:
        _put_into_folds(roles, train_labels, folds, fold)
    elif "test" not in roles:
        if "validation" in roles:
            roles["validation"][:] = TEST
        else:
            _hold_out(train, TEST, train_labels, own, TEST_FRACTION, _TEST_SEED, _TEST_STREAM)
    if num_images:
        _leave_out(train, train_labels, own, num_images)
    if not any((of == VALIDATION).any() for of in roles.values()):
        _hold_out(
            train, VALIDATION, train_labels, own, validation_fraction, seed, _VALIDATION_STREAM
        )
    return roles


def name_hashes(names: Sequence[str], seed: int, stream: int) -> np.ndarray:
    """A random number for each name, which depends on that, the seed and the stream alone.

    Args:
        names: Names, such as paths relative to the data set.
        seed: From 0 on.
        stream: Numbers for different purposes take different streams.

    Returns:
        uint64 [names], uniform over all of them, the same on every machine and for ever.
    """
    key = f"{seed}:{stream}".encode()

    def number(name: str) -> int:
        # macOS may write the letters of a name in another way than it was given them.
        text = name if name.isascii() else unicodedata.normalize("NFC", name)
        content = text.encode("utf-8", "surrogateescape")
        return int.from_bytes(hashlib.blake2b(content, digest_size=8, key=key).digest(), "big")

    return np.fromiter(map(number, names), np.uint64, len(names))


def fewer(roles: np.ndarray, num_images: int) -> np.ndarray:
    """A division that a data set fixes, with the first of its training examples alone.

    Args:
        roles: uint8 (examples,).
        num_images: Training examples to use, or 0 for all; the other parts stay whole.

    Raises:
        InvalidInput: There are fewer.
    """
    train = np.flatnonzero(roles == TRAIN)
    if num_images > len(train):
        raise InvalidInput(
            f"`data.num_images` must be at most the {len(train)} training examples, or 0 for all: "
            f"given {num_images}"
        )
    roles = roles.copy()
    roles[train[num_images or len(train) :]] = UNUSED
    return roles


def _put_into_folds(
    roles: Mapping[str, np.ndarray], labels: np.ndarray, folds: int, fold: int
) -> None:
    """Gives two folds their roles; all others are learnt from."""
    if others := [part for part in roles if part != "train"]:
        raise InvalidInput(
            f"`data.folds` must be 0 with a data set that has a {others[0]} split of its own: "
            f"given {folds}"
        )
    positions = np.flatnonzero(roles["train"] == TRAIN)
    test, validation = parts_of_fold(labels[positions], folds, fold)
    roles["train"][positions[test]] = TEST
    roles["train"][positions[validation]] = VALIDATION


def _hold_out(
    roles: np.ndarray,
    role: int,
    labels: np.ndarray,
    names: Sequence[str] | None,
    fraction: float,
    seed: int,
    stream: int,
) -> None:
    """Gives a part of the training images another role."""
    positions = np.flatnonzero(roles == TRAIN)
    if names is None:
        _, held_out = stratified_split(labels[positions], fraction, seed, stream)
    else:
        hashes = name_hashes([names[position] for position in positions], seed, stream)
        held_out = _held_out_by_hash(hashes, labels[positions], fraction)
    if not len(held_out):
        raise InvalidInput(
            f"`data.source` must have at least 2 images of some class to hold out a {ROLES[role]} "
            f"split: given {len(positions)} images, one a class; do add images or a {ROLES[role]} "
            "split"
        )
    roles[positions[held_out]] = role


def _held_out_by_hash(hashes: np.ndarray, labels: np.ndarray, fraction: float) -> np.ndarray:
    """The positions of the least hashes, but of no class all, and one at least where it can be."""
    order = np.lexsort((hashes, labels))  # class by class, by ascending hash
    ends = np.append(np.flatnonzero(np.diff(labels[order])), len(order) - 1)
    may_go = np.ones(len(order), bool)
    may_go[order[ends]] = False  # the greatest hash of each class stays
    held_out = may_go & (hashes < np.uint64(int(fraction * 2**64)))
    if not held_out.any() and may_go.any():
        held_out[np.flatnonzero(may_go)[np.argmin(hashes[may_go])]] = True
    return np.flatnonzero(held_out)


def _leave_out(
    roles: np.ndarray, labels: np.ndarray, names: Sequence[str] | None, num_images: int
) -> None:
    """Leaves so many images for training and validation."""
    positions = np.flatnonzero(roles == TRAIN)
    least = min(2 * len(np.unique(labels[positions])), len(positions))
    if not least <= num_images <= len(positions):
        raise InvalidInput(
            f"`data.num_images` must be between {least} (two images a class) and {len(positions)} "
            f"(all images for training and validation), or 0 for all: given {num_images}"
        )
    ranks = None
    if names is not None:
        own = [names[position] for position in positions]
        ranks = name_hashes(own, _SUBSET_SEED, _SUBSET_STREAM)
    chosen = stratified_subset(labels[positions], num_images, _SUBSET_SEED, _SUBSET_STREAM, ranks)
    left_out = np.ones(len(positions), bool)
    left_out[chosen] = False
    roles[positions[left_out]] = UNUSED
