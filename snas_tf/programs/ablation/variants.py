# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The variants of a search that an ablation compares, each a config of its own."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ml_collections import ConfigDict

from snas_tf.errors import InvalidInput

AS_IT_IS = "as it is"
"""The name of the search that all others are compared with."""

_KEY = "ablate.toggles"
_LONGEST = 80
_UNSAFE = re.compile(r"[^\w.=+-]+")


class Variant(NamedTuple):
    """A search that an ablation runs.

    Attributes:
        name: "as it is", or the keys and values that differ, as they were given.
        folder: Its name in the run directory.
        config: What it is searched with.
    """

    name: str
    folder: str
    config: ConfigDict


def of(config: ConfigDict) -> tuple[Variant, ...]:
    """The search as it is, and one more for every toggle.

    Args:
        config: A config; `ablate.toggles` holds texts such as "search.warmup_epochs=3", or several
            keys at once, "search.estimator=softmax; search.derivation=perturbation".

    Returns:
        The variants, none of which has toggles of its own.

    Raises:
        InvalidInput: A toggle is no such text, names no key or one that may not differ, has a value
            of another type, changes nothing, or stands twice.
    """
    plain = config.copy_and_resolve_references()
    plain.ablate.toggles = ()
    found = [Variant(AS_IT_IS, "as_it_is", plain)]
    for text in config.ablate.toggles:
        changed = plain.copy_and_resolve_references()
        for key, value in _pairs(text):
            _set(changed, key, value, text)
        same = [other.name for other in found if other.config.to_dict() == changed.to_dict()]
        if same:
            raise _refusal(f"searches that differ, {text!r} is {same[0]!r} again", text)
        found.append(Variant(text, _folder(text), changed))
    return tuple(found)


def with_seeds(variant: Variant) -> Iterator[tuple[int, ConfigDict]]:
    """Each seed with the config of its own search; all learn from the same images."""
    base = variant.config
    split_seed = base.seed if base.data.split_seed < 0 else base.data.split_seed
    for seed in range(base.seed, base.seed + base.ablate.seeds):
        of_seed = base.copy_and_resolve_references()
        of_seed.seed, of_seed.data.split_seed = seed, split_seed
        yield seed, of_seed


def _folder(text: str) -> str:
    """A name that every file system bears."""
    name = _UNSAFE.sub("_", text).strip("_")
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _pairs(text: str) -> Sequence[tuple[str, str]]:
    """(key, value) of a toggle."""
    pairs = [part.partition("=") for part in text.split(";")]
    if not all(key.strip() and equals for key, equals, _ in pairs):
        raise _refusal('key=value, such as "search.warmup_epochs=3"', text)
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def _set(config: ConfigDict, key: str, text: str, toggle: str) -> None:
    section, _, name = key.rpartition(".")
    holder = config.get(section) if section else config
    if not isinstance(holder, ConfigDict) or name not in holder or section == "ablate":
        raise _refusal(f"a key of the config, which {key!r} is not", toggle)
    before = holder[name]
    if isinstance(before, ConfigDict) or key in ("seed", "data.split_seed"):
        raise _refusal(f"a key that may differ, which {key!r} may not", toggle)
    holder[name] = _value(text, before, key, toggle)


def _value(text: str, like: Any, key: str, toggle: str) -> Any:
    """A value of the type of another one."""
    if isinstance(like, str):
        return text
    if isinstance(like, bool) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(like, float) and type(value) is int:
        value = float(value)
    if isinstance(like, tuple) and isinstance(value, str):
        value = (value,)
    if type(value) is not type(like):
        raise _refusal(f"a value like {like!r} for {key}", toggle)
    return value


def _refusal(what: str, given: str) -> InvalidInput:
    return InvalidInput(f"`--config.{_KEY}` must be {what}: given {given!r}")
