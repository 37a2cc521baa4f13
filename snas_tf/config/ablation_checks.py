# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The check of what --mode=ablate is to compare: every variant is a config by itself."""

from __future__ import annotations

from ml_collections import ConfigDict

from snas_tf.config.checks import check
from snas_tf.config.key import must_be
from snas_tf.errors import InvalidInput
from snas_tf.programs.ablation import variants


def check_ablation(config: ConfigDict) -> None:
    """Checks every variant before the first of them is searched.

    Args:
        config: The config, checked.

    Raises:
        InvalidInput: There is nothing to compare, a toggle cannot be read, or a variant's config is
            wrong.
    """
    if not config.ablate.toggles:
        what = 'at least one with --mode=ablate, such as ("search.warmup_epochs=3",)'
        raise InvalidInput(must_be("ablate.toggles", what, ()))
    for key, needed in (("search.method", "snas"), ("search.num_seeds", 1)):
        given = config.search[key.removeprefix("search.")]
        if given != needed:
            raise InvalidInput(must_be(key, f"{needed} with --mode=ablate", given))
    for variant in variants.of(config):
        try:
            check(variant.config)
        except InvalidInput as error:
            raise InvalidInput(
                f"of {variant.name!r} in `--config.ablate.toggles`: {error}"
            ) from error
