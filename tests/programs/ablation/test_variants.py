# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A toggle is a config that differs in what it says, of the right types, and in nothing else."""

import pytest

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.programs.ablation import variants


def given(*toggles, **ablate):
    found = config.get_config()
    found.ablate.toggles = toggles
    for name, value in ablate.items():
        found.ablate[name] = value
    return found


def test_every_variant_differs_in_what_its_toggle_says():
    texts = (
        "search.warmup_epochs=3",
        "search.derivation = samples; search.candidates=4",
        "search.resource_weight=1",
        "space.primitives=('none', 'skip_connect')",
        "search.shared_samples=true",
    )
    base = given(*texts)
    found = variants.of(base)
    assert [one.name for one in found] == ["as it is", *texts]
    assert len({one.folder for one in found}) == 6
    assert not any(set(one.folder) & set("/ ;'(),") for one in found)
    plain = config.flatten(given())
    changed = [
        {k: v for k, v in config.flatten(one.config).items() if v != plain[k]} for one in found
    ]
    assert changed == [
        {},
        {"search.warmup_epochs": 3},
        {"search.derivation": "samples", "search.candidates": 4},
        {"search.resource_weight": 1.0},
        {"space.primitives": ("none", "skip_connect")},
        {"search.shared_samples": True},
    ]
    config.check_ablation(base)


def test_the_folder_of_a_long_toggle_is_short_and_its_own():
    ones, others = (
        "; ".join(f"search.{key}=0.{number}" for key in ("learning_rate", "momentum", "stop_skips"))
        + f"; search.stop_entropy=0.{number}"
        for number in (10, 11)
    )
    _, one, other = variants.of(given(ones, others))
    assert len(one.folder) == len(other.folder) < 100 and one.folder != other.folder


def test_seeds_differ_and_their_images_do_not():
    found = [*variants.with_seeds(variants.of(given(seeds=3))[0])]
    assert [seed for seed, _ in found] == [one.seed for _, one in found] == [0, 1, 2]
    assert {one.data.split_seed for _, one in found} == {0}


@pytest.mark.parametrize(
    ("toggle", "message"),
    [
        ("search.warmup_epochs", "must be key=value"),
        ("search.warmup=3", "a key of the config, which 'search.warmup' is not"),
        ("search=3", "a key that may differ, which 'search' may not"),
        ("seed=3", "a key that may differ, which 'seed' may not"),
        ("ablate.seeds=3", "a key of the config, which 'ablate.seeds' is not"),
        ("search.warmup_epochs=long", "a value like 0 for search.warmup_epochs"),
        ("search.warmup_epochs=0", "searches that differ, .* is 'as it is' again"),
        ("search.warmup_epochs=99", "of 'search.warmup_epochs=99' .* below"),
        ("search.derivation=none", "of 'search.derivation=none' .* one of argmax"),
    ],
)
def test_a_wrong_toggle_is_refused_by_its_name(toggle, message):
    with pytest.raises(InvalidInput, match=message) as told:
        config.check_ablation(given(toggle))
    assert "`--config.ablate.toggles`" in str(told.value) and "\n" not in str(told.value)


def test_nothing_to_compare_is_refused():
    with pytest.raises(InvalidInput, match="`--config.ablate.toggles` must be at least one"):
        config.check_ablation(given())
    several = given("search.warmup_epochs=3")
    several.search.num_seeds = 2
    with pytest.raises(InvalidInput, match="`--config.search.num_seeds` must be 1 with"):
        config.check_ablation(several)
