# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by morphs with one `fit`: it learns, goes on, keeps its time, and leaves plain Keras."""

import time

import keras
import numpy as np
import pytest

from snas_tf import MorphSearch, black_box
from snas_tf.errors import Failure, InvalidInput
from snas_tf.networks.morphs import build
from snas_tf.space.morphs.roots import convolutional_root

SIZES = {"epochs": 2, "patience": 1, "batch_size": 64, "learning_rate": 0.01}


def examples(count, seed=0):
    """Grey images 6x6 with a bright row (up), or a bright column (side)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(100, 10, (count, 6, 6))
    y = np.where(np.arange(count) % 3 == 0, "up", "side")
    for image, label in zip(x, y, strict=True):
        place = rng.integers(6)
        image[(place,) if label == "up" else (slice(None), place)] += 100
    return x, y


def small(**arguments):
    root = convolutional_root((6, 6, 1), 2, num_blocks=1, filters=4, dropout=0.0)
    return MorphSearch(root, **{**SIZES, **arguments})


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searched")
    return small(workdir=folder).fit(*examples(240), trials=4), folder


def test_it_finds_a_network_that_knows_the_classes(searched):
    search, _ = searched
    assert len(search.result.trials) == 4 and not search.result.failed
    x, y = examples(90, 1)
    assert search.evaluate(x, y) > 0.9
    assert {*search.predict(x[:10])} <= {"up", "side"}
    assert search.evaluate(x, y) == (search.predict(x) == y).mean()


def test_trials_grow_from_the_root_and_start_from_what_they_grew_from(searched):
    search, _ = searched
    first, *others = search.result.trials
    assert first.architecture == search.space.root and first.parent is None
    for trial in others:
        parent = search.result.trials[trial.parent].architecture
        assert search.space.descends(parent, trial.architecture)
        assert trial.metrics["parameters"] >= 0 and 1 <= trial.metrics["epochs"] <= 2


def test_the_network_is_plain_keras_and_takes_the_examples_as_they_are(searched, tmp_path):
    search, _ = searched
    x = examples(8, 2)[0][..., None].astype(np.float32)
    search.model.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_allclose(loaded(x), search.model(x), atol=1e-5)
    assert {type(layer).__module__.split(".")[0] for layer in loaded.layers} == {"keras"}


def test_the_same_fit_goes_on_with_what_there_is(searched):
    search, folder = searched
    again = small(workdir=folder).fit(*examples(240), trials=5)
    assert again.result.trials[:4] == search.result.trials and len(again.result.trials) == 5


def test_a_folder_of_another_search_is_refused(searched):
    _, folder = searched
    with pytest.raises(
        InvalidInput, match="there x, batch_size, max_memory differ; do name another folder"
    ):
        small(workdir=folder, batch_size=32, max_memory=10**6).fit(*examples(240, 5), trials=5)


def test_more_epochs_on_all_examples_go_on_from_its_weights(searched):
    search, _ = searched
    x, y = examples(90, 3)
    model = search.final_fit(*examples(240), epochs=2)
    logits = model.predict(x[..., None], verbose=0)
    assert (np.array(["side", "up"])[logits.argmax(1)] == y).mean() > 0.9


def test_the_time_is_kept_within_an_epoch():
    begun = time.monotonic()
    search = small(epochs=10_000, patience=10_000)
    search.fit(*examples(240), seconds=8.0)
    told = search.result.trials[0]
    per_epoch = told.seconds / told.metrics["epochs"]
    assert told.metrics["epochs"] < 10_000
    assert time.monotonic() - begun < 8.0 + max(10 * per_epoch, 20.0), "building included"


def test_rows_of_a_table_and_a_root_of_keras_are_searched():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5))
    y = (x[:, 0] > 0).astype(int) * 7
    table = MorphSearch(**SIZES, searcher=black_box.Random()).fit(x, y, trials=1)
    assert set(table.predict(x)) <= {0, 7} and table.evaluate(x, y) > 0.8
    root = build(convolutional_root((6, 6, 1), 2, num_blocks=1, filters=3))
    search = MorphSearch(root, **SIZES).fit(*examples(120), trials=1)
    assert search.model.count_params() >= root.count_params()


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        (np.zeros((4, 6, 6)), ["a", "b", "a"], "a label for each of the 4 examples of `x`: given"),
        (np.zeros((4, 6, 6)), ["a"] * 4, "two classes at least: given 1"),
        (np.full((4, 6, 6), np.nan), ["a", "b"] * 2, "finite numbers: it has NaN"),
        (np.zeros(4), ["a", "b"] * 2, "(examples, height, width, channels): given shape (4,)"),
        (np.zeros((2, 6, 6)), ["a", "b"], "leave examples on both sides: given 0.2 of 2"),
        (np.zeros((20, 5, 6)), ["a", "b"] * 10, "take examples of (5, 6, 1) and give 2 logits"),
    ],
)
def test_arrays_that_do_not_go_together_are_told(x, y, told):
    with pytest.raises(InvalidInput) as caught:
        small().fit(x, y)
    assert told in str(caught.value)


def test_what_was_not_searched_and_numbers_out_of_range_are_told():
    with pytest.raises(Failure, match="do call `fit` first"):
        _ = small().model
    with pytest.raises(
        InvalidInput, match="`patience` must be a whole number, at least 1: given 0"
    ):
        small(patience=0)
    with pytest.raises(InvalidInput, match="`validation_share` must be above 0 and below 1"):
        small(validation_share=1.0)
