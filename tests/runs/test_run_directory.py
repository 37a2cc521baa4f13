# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run directory lets the same run go on, and keeps everybody else out."""

import json
import os
import subprocess
import sys

import pytest

from snas_tf import config
from snas_tf.errors import InvalidInput
from snas_tf.runs.run_directory import RunDirectory


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "one"


def changed(key="search.epochs", value=5):
    other = config.get_config()
    other.update_from_flattened_dict({key: value})
    return other


def begun(path, stage="search", with_config=None, **options):
    with RunDirectory(path, **options) as directory:
        directory.begin(stage, with_config or config.get_config())
    return directory


def contents(path):
    return sorted(path.rglob("*")) if os.path.isdir(path) else []


def refusal(path, stage, with_config, **options):
    before = contents(path)
    for act in ("check", "begin"):
        with RunDirectory(path, **options) as directory, pytest.raises(InvalidInput) as caught:
            getattr(directory, act)(stage, with_config)
    assert contents(path) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_is_written_before_a_stage_begins(path):
    directory = RunDirectory(path)
    directory.check("search", config.get_config())
    assert not directory.finished("search") and directory.recorded("search") == {}
    assert not path.parent.exists()


def test_a_stage_records_what_its_result_depends_on(path):
    directory = begun(path)
    records = json.loads(directory.config_path.read_text())
    assert list(records) == ["search"]
    assert list(records["search"]) == ["seed", "data", "space", "network", "search"]
    assert records["search"]["search"]["epochs"] == 60
    assert records["search"] == directory.recorded("search")
    begun(path, "train")
    assert list(directory.recorded("train")) == ["seed", "data", "space", "network", "train"]
    assert directory.recorded("search") == records["search"]


@pytest.mark.parametrize(
    ("stage", "method"), [("search", "snas"), ("search", "random"), ("train", "snas")]
)
def test_a_run_of_an_earlier_version_goes_on_with_what_keys_are_new(path, stage, method):
    searched = changed("search.method", method)
    whole = begun(path, stage, searched).recorded(stage)
    place = RunDirectory(path).config_path
    # Each section without one of its keys, another for each.
    earlier = {
        name: {key: value for key, value in section.items() if key != [*section][number]}
        if isinstance(section, dict)
        else section
        for number, (name, section) in enumerate(whole.items())
    }
    place.write_text(json.dumps({stage: earlier}))
    assert "is None there" in refusal(path, stage, searched)  # without defaults they are unlike
    directory = RunDirectory(path, defaults=config.get_config())
    assert directory.recorded(stage) == whole
    directory.check(stage, searched)
    assert directory.another(path).recorded(stage) == whole


def test_a_new_key_that_is_set_is_another_config(path):
    whole = begun(path).recorded("search")
    del whole["search"]["clip_norm"]
    RunDirectory(path).config_path.write_text(json.dumps({"search": whole}))
    told = refusal(path, "search", changed("search.clip_norm", 2.5), defaults=config.get_config())
    assert "--config.search.clip_norm is 5.0 there, 2.5 here" in told


def test_the_environment_is_recorded(path):
    directory = begun(path)
    begun(path, "train")
    environments = json.loads(directory.environment_path.read_text())
    assert list(environments) == ["search", "train"] and environments == directory.environments()
    environment = environments["search"]
    import keras
    import tensorflow as tf

    import snas_tf

    assert environment["tensorflow"] == tf.__version__
    assert environment["keras"] == keras.__version__
    assert environment["snas_tf"] == snas_tf.__version__
    assert environment["python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert environment["cores"] == len(os.sched_getaffinity(0))
    assert any("CPU" in device for device in environment["devices"])
    assert {"arguments", "commit", "platform", "tensorflow_probability"} <= set(environment)


def test_the_same_run_goes_on_and_is_finished_when_it_says_so(path):
    directory = begun(path)
    directory.genotype_path.write_text("{}")
    begun(path)
    assert directory.genotype_path.exists() and not directory.finished("search")
    directory.mark_finished("search")
    assert RunDirectory(path).finished("search") and not RunDirectory(path).finished("train")
    begun(path)
    assert RunDirectory(path).finished("search")


def test_a_stage_is_recorded_as_finished_after_its_report_and_not_where_that_fails(path):
    directory = begun(path)
    with pytest.raises(OSError, match="no room"), directory.finishing("search"):
        assert directory.finished("search") and not RunDirectory(path).finished("search")
        raise OSError("no room")
    assert not directory.finished("search")
    with directory.finishing("search"):
        assert not RunDirectory(path).finished("search")  # a kill here leaves no lie
    assert RunDirectory(path).finished("search")


@pytest.mark.parametrize(
    ("there", "here", "extends"),
    [
        ({"seconds": 60.0}, {"seconds": 90.0}, True),
        ({"seconds": 60.0}, {"seconds": 0.0}, True),
        ({"seconds": 60.0}, {"seconds": 30.0}, False),
        ({"seconds": 0.0}, {"seconds": 30.0}, False),
        ({"number": 5}, {"number": 9, "seconds": 30.0}, True),
        ({"number": 5, "seconds": 60.0}, {"number": 9, "seconds": 30.0}, True),
        ({"limit": 5.0}, {"limit": 9.0}, False),
    ],
)
def test_more_trials_or_more_time_extend_a_search(path, there, here, extends):
    def by_trials(values):
        made = changed("search.method", "random")
        made.trials.update(values)
        return made

    begun(path, with_config=by_trials(there)).mark_finished("search")
    assert RunDirectory(path).extends("search", by_trials(here)) == extends
    directory = begun(path, with_config=by_trials(here))  # what was stopped goes on in any case
    assert directory.finished("search") != extends
    with pytest.raises(InvalidInput, match=r"--config\.trials\.number is"):
        directory.check("search", by_trials({**here, "number": 1}))


def test_another_runtime_and_the_other_stage_do_not_matter(path):
    begun(path)
    begun(path, with_config=changed("runtime.jit_compile", True))
    begun(path, with_config=changed("train.epochs", 7))
    begun(path, "train", changed("search.epochs", 7))


def test_another_config_is_refused_with_every_difference(path):
    begun(path)
    other = changed("search.epochs", 5)
    other.seed = 3
    other.space.primitives = ("none", "skip_connect")
    message = refusal(path, "search", other)
    assert "--config.search.epochs is 60 there, 5 here" in message
    assert "--config.seed is 0 there, 3 here" in message
    assert "--config.space.primitives" in message and "--overwrite" in message
    assert "learning_rate" not in message


def test_overwriting_removes_what_the_stage_wrote_and_nothing_else(path):
    directory = begun(path)
    begun(path, "train")
    for stage in ("search", "train"):
        directory.mark_finished(stage)
        directory.metrics_path(stage).write_text("")
        directory.logs_folder(stage).mkdir(parents=True)
        (directory.checkpoints_folder / f"{stage}-00001").mkdir(parents=True)
    files = [directory.genotype_path, directory.network_path("search"), directory.report_path]
    kept = [directory.network_path("train"), directory.export_folder, path / "notes.txt"]
    for file in (*files, *kept):
        file.write_text("")
    # The training is of the genotype of this search, whose file is gone in between.
    begun(path, with_config=changed("search.final_temperature", 0.1), overwrite=True)
    assert directory.recorded("search")["search"]["final_temperature"] == 0.1
    assert not directory.finished("search") and directory.finished("train")
    assert not any(file.exists() for file in files) and all(file.exists() for file in kept)
    for exists, stage in ((False, "search"), (True, "train")):
        assert directory.metrics_path(stage).exists() == exists
        assert directory.logs_folder(stage).exists() == exists
        assert (directory.checkpoints_folder / f"{stage}-00001").exists() == exists


def test_a_training_is_out_of_date_after_another_search(path):
    directory = begun(path)
    directory.genotype_path.write_text("one")
    begun(path, "train")
    begun(path, "train")
    directory.genotype_path.write_text("another")
    assert "the genotype is " in refusal(path, "train", config.get_config())
    begun(path, "train", overwrite=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.source", "tfds:mnist"),
        ("data.image_size", 16),
        ("space.num_nodes", 3),
        ("network.num_cells", 5),
        ("network.init_channels", 4),
    ],
)
def test_the_network_of_a_search_is_trained_as_it_was_searched(path, key, value):
    begun(path)
    message = refusal(path, "train", changed(key, value))
    assert f"--config.{key}" in message and "train.genotype=" in message
    elsewhere = changed(key, value)
    elsewhere.train.genotype = "SNAS_MILD"
    if key.startswith("data."):  # whatever is trained, a run has one data set
        assert f"--config.{key}" in refusal(path, "train", elsewhere)
    else:
        begun(path, "train", elsewhere)


def test_the_size_of_the_search_does_not_matter_where_the_training_has_its_own(path):
    begun(path)
    other = changed("network.num_cells", 5)
    other.train.num_cells = 20
    begun(path, "train", other)


def test_foreign_folders_are_refused_even_to_be_overwritten(path):
    path.mkdir(parents=True)
    (path / "thesis.txt").write_text("mine")
    for overwrite in (False, True):
        message = refusal(path, "search", config.get_config(), overwrite=overwrite)
        assert "thesis.txt" in message


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"architectures": ["Bert"]}'])
def test_a_foreign_config_is_refused(path, text):
    path.mkdir(parents=True)
    (path / "config.json").write_text(text)
    assert "not of snas_tf" in refusal(path, "search", config.get_config(), overwrite=True)


def test_what_a_killed_start_left_is_no_foreign_folder(path):
    path.mkdir(parents=True)
    (path / ".lock").write_text("123")
    (path / ".config.json.123").write_text("{")
    begun(path)


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, file / "run", file / "runs" / "one"):
        assert f"{file} is a file" in refusal(path, "search", config.get_config())
    assert file.read_text() == ""


def test_what_the_system_refuses_is_the_users_to_mend(tmp_path):
    path = tmp_path / ("n" * 300)
    assert "name too long" in refusal(path, "search", config.get_config())


def test_one_process_at_a_time(path):
    with RunDirectory(path) as directory:
        directory.begin("search", config.get_config())
        directory.begin("train", config.get_config())  # the holder itself may go on
        with pytest.raises(InvalidInput, match=f"in use by process {os.getpid()}"):
            RunDirectory(path).begin("search", config.get_config())
    begun(path)


@pytest.mark.slow
def test_a_lock_ends_with_its_process(path):
    program = (
        "import os, signal, sys; from snas_tf import config; from snas_tf.runs.run_directory "
        "import RunDirectory; d = RunDirectory(sys.argv[1]); d.path.mkdir(parents=True); "
        "d.lock(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)])
    assert killed.returncode == -9 and (path / ".lock").exists()
    begun(path)


def test_the_paths_are_those_that_the_readme_names(path):
    directory = RunDirectory(path)
    names = {
        "config": "config.json",
        "environment": "environment.json",
        "dataset": "dataset.json",
        "genotype": "genotype.json",
        "report": "report.html",
    }
    for name, file in names.items():
        assert getattr(directory, f"{name}_path") == path / file
    assert directory.network_path("search") == path / "child.keras"
    assert directory.network_path("train") == path / "trained.keras"
    assert directory.metrics_path("search") == path / "metrics.csv"
    assert directory.checkpoints_folder == path / "checkpoints"
    assert directory.logs_folder("train") == path / "logs" / "train"
    assert directory.export_folder == path / "export"
