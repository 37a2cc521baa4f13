# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network that leaves a run is the best on the validation images, or the one that is named."""

import pytest

from snas_tf import config as default
from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.networks import ChildNetwork
from snas_tf.programs import found_network
from snas_tf.reports import Result
from snas_tf.runs import network_files, results
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory

NAMES = {"search": (results.CHILD,), "train": (results.TRAINED, results.BEST)}


def a_run(path, accuracies, *, train_seed=0):
    """A run directory with a recorded accuracy for each network that it shall have."""
    config = default.get_config()
    with RunDirectory(path) as directory:
        for stage, names in NAMES.items():
            if not any(name in accuracies for name in names):
                continue
            config.seed = train_seed if stage == "train" else 0
            config.train.genotype = "SNAS_MILD"
            directory.begin(stage, config)
            measured = [
                Result(name=name, split="validation", accuracy=accuracies[name], count=287)
                for name in names
                if name in accuracies
            ]
            test = Result(name=names[0], split="test", accuracy=1.0, count=359)
            results.record(directory.results_path(stage), [*measured, test])
            for name in names:
                if name in accuracies:
                    place = directory.network_path(stage)
                    (directory.best_network_path if name == results.BEST else place).touch()
            directory.mark_finished(stage)
    return directory


def test_a_child_that_is_better_than_what_a_short_training_left_is_taken(tmp_path):
    measured = {results.CHILD: 0.9617, results.TRAINED: 0.25, results.BEST: 0.252}
    found = found_network.choose(a_run(tmp_path / "run", measured))
    assert (found.name, found.stage, found.path.name) == (results.CHILD, "search", "child.keras")
    assert (found.worth, found.count) == (0.9617, 287)
    assert found.describe() == (
        "the child that the search left, 96.17 % of 287 validation images, better than the "
        "training's last epoch with 25.00 % and the training's best epoch with 25.20 %"
    )


def test_of_numbers_the_network_with_the_least_error_is_taken(tmp_path):
    directory = a_run(tmp_path / "run", {results.CHILD: 0.0, results.TRAINED: 0.0})
    for stage, name, error in (("search", results.CHILD, 0.25), ("train", results.TRAINED, 1.5)):
        measured = Result(name=name, split="validation", mean_absolute_error=error, count=9)
        results.record(directory.results_path(stage), [measured])
    assert found_network.choose(directory).describe() == (
        "the child that the search left, a mean absolute error of 0.25 on 9 validation images, "
        "better than the training's last epoch with a mean absolute error of 1.5"
    )


@pytest.mark.parametrize(
    ("measured", "name", "reason"),
    [
        ((0.9, 0.95, 0.97), results.BEST, "better than the search's child with 90.00 % and the"),
        ((0.9, 0.97, 0.97), results.TRAINED, "as good as the training's best epoch"),
        ((0.97, 0.9, 0.97), results.BEST, "as good as the search's child"),
        ((0.5, None, None), results.CHILD, "the only network of this run"),
        ((None, 0.5, 0.4), results.TRAINED, "better than the training's best epoch with 40.00 %"),
    ],
)
def test_of_equals_the_one_is_taken_for_which_least_was_chosen(tmp_path, measured, name, reason):
    names = (results.CHILD, results.TRAINED, results.BEST)
    measured = {key: value for key, value in zip(names, measured, strict=True) if value is not None}
    found = found_network.choose(a_run(tmp_path / "run", measured))
    assert found.name == name and reason in found.reason


@pytest.mark.parametrize(
    ("which", "name"),
    [("child", results.CHILD), ("last", results.TRAINED), ("best_epoch", results.BEST)],
)
def test_a_network_can_be_named_and_the_others_are_told(tmp_path, which, name):
    measured = {results.CHILD: 0.5, results.TRAINED: 0.6, results.BEST: 0.7}
    found = found_network.choose(a_run(tmp_path / "run", measured), which)
    assert found.name == name
    assert found.reason.startswith(f"by `export.network`={which}, whereas ")
    assert found.reason.count("%") == 2


def test_what_was_validated_on_other_images_is_not_compared(tmp_path):
    measured = {results.CHILD: 0.99, results.TRAINED: 0.6, results.BEST: 0.7}
    found = found_network.choose(a_run(tmp_path / "run", measured, train_seed=1))
    assert found.name == results.BEST
    assert "not compared with the search's child" in found.reason
    # Stages that go by one record of the images have the same ones under any seed.
    directory = RunDirectory(tmp_path / "run")
    directory.manifest_path.touch()
    assert found_network.choose(directory).name == results.CHILD


def test_a_network_that_the_run_has_not_is_refused_in_a_line(tmp_path):
    directory = a_run(tmp_path / "run", {results.CHILD: 0.9})
    with pytest.raises(InvalidInput, match="which has best, child: given 'last'; do run --mode=tr"):
        found_network.choose(directory, "last")
    with pytest.raises(InvalidInput, match="must be one of best, child, last, best_epoch"):
        found_network.choose(directory, "newest")
    with pytest.raises(InvalidInput, match="holds no finished network: do run --mode=search"):
        found_network.choose(RunDirectory(tmp_path / "none"))


def record_dataset(directory, counts):
    described = {
        "name": "mine",
        "image_shape": [8, 8, 1],
        "class_names": ["a", "b", "c", "d"],
        "mean": [0.5],
        "deviation": [0.5],
        "sizes": {"train": 900, "validation": sum(counts), "test": 100},
        "class_counts": {"validation": counts},
    }
    write_json(directory.dataset_path, described)


def test_a_network_that_is_no_better_than_chance_is_refused_with_its_numbers(tmp_path):
    directory = a_run(tmp_path / "run", {results.CHILD: 0.29})
    record_dataset(directory, [72, 72, 72, 71])
    found = found_network.choose(directory)
    with pytest.raises(
        InvalidInput, match="the child that the search left in .* is no better"
    ) as no:
        found_network.refuse_chance(directory, found)
    assert (
        "29.00 % of 287 validation images, in a 95 % interval of 24.1 to 34.5 %, where the most "
        in (str(no.value))
    )
    assert "--config.export.allow_chance=true" in str(no.value)


def test_of_skewed_classes_the_most_frequent_one_alone_is_chance(tmp_path):
    directory = a_run(tmp_path / "run", {results.CHILD: 0.9})
    record_dataset(directory, [260, 9, 9, 9])
    with pytest.raises(InvalidInput, match="the most frequent class alone is 90.59 %"):
        found_network.refuse_chance(directory, found_network.choose(directory))
    record_dataset(directory, [72, 72, 72, 71])
    found_network.refuse_chance(directory, found_network.choose(directory))


def test_the_network_itself_is_read(tmp_path):
    directory = a_run(tmp_path / "run", {results.CHILD: 0.9})
    genotype = space.Genotype(
        {"normal": ((0, 2, "skip_connect"),), "reduction": ((1, 2, "sep_conv_3x3"),)}, num_nodes=1
    )
    skeleton = space.Skeleton(
        num_cells=1, init_channels=4, num_classes=3, image_shape=(8, 8, 1), stem="cifar"
    )
    network_files.save(ChildNetwork(genotype, skeleton), directory.network_path("search"))
    assert found_network.choose(directory).load().genotype == genotype
