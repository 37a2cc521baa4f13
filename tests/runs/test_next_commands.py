# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run prints to be copied: a real shell reads from it the words that were meant."""

import pathlib
import subprocess
import sys

import pytest

from snas_tf import command_line
from snas_tf.runs import next_commands
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory

NAMES = (
    "runs/digits",
    'my run\'s "best"',
    "./~",
    "./~root/run",
    "$HOME `date` \\ *;&|<>()#!",
    "two\nlines\tand [bold]a tab[/bold]",
    "-n",
    "grün",
)


@pytest.fixture
def started(monkeypatch):
    """Lets this process look as if it had been started by some words, and `--mode=search`."""

    def started(*words):
        monkeypatch.setattr(sys, "orig_argv", [*words, "--mode=search"])
        monkeypatch.setattr(sys, "argv", [words[-1], "--mode=search"])

    return started


def shell(command):
    """The words that a shell makes of a command."""
    command = "set -- " + command + "; printf '%s\\0' \"$@\""
    answer = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
    return answer.stdout.decode().split("\0")[:-1]


def directory_of(workdir):
    return command_line.parse(["--mode=search", f"--workdir={workdir}"]).directory


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_folder_comes_back_from_the_shell(name, tmp_path, monkeypatch, started):
    monkeypatch.chdir(tmp_path)
    started("python", "-m", "snas_tf.main")
    directory = directory_of(name)
    (tmp_path / name).mkdir(parents=True)
    directory.mark_finished("train")
    directory.network_path("train").touch()
    write_json(directory.config_path, {"train": {}})
    commands = next_commands.of(directory)
    assert len(commands) == 2
    for mode, command in zip(("evaluate", "export"), commands, strict=True):
        python, *words = shell(command)
        assert (python, *words[:3]) == ("python", "-m", "snas_tf.main", f"--mode={mode}")
        again = directory_of(words[3].removeprefix("--workdir=")).path
        assert pathlib.Path(again).samefile(tmp_path / name)


@pytest.mark.parametrize("name", NAMES)
def test_the_server_is_told_the_folder_from_anywhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program, *flags = shell(next_commands.server("snas", directory_of(name).path / "export"))
    assert program == "tensorflow_model_server"
    expected = {"--rest_api_port=8501", "--model_name=snas"}
    assert {*flags} == {*expected, f"--model_base_path={tmp_path / name / 'export'}"}


def test_a_home_is_one_only_where_the_user_wrote_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert directory_of("~/run").path == tmp_path / "run"
    assert str(directory_of("./~/run").path) == "~/run"
    assert str(directory_of("~no_such_user/run").path) == "~no_such_user/run"


def test_nothing_is_next_before_something_is_finished(tmp_path):
    assert next_commands.of(RunDirectory(tmp_path)) == ()


def test_a_training_repeats_what_the_search_was_told_of_the_config(tmp_path, started):
    started("python", "-m", "snas_tf.main")
    directory = RunDirectory(tmp_path)
    words = ["--mode=search", "--workdir", "x", "--config", "a b.py", "--config.seed=1"]
    words += ["--config.data.flip", "--overwrite", "--noconfig.search.shared_samples"]
    words += ["--config.data.split_seed", "-1", "-config.data.source=folder:it's"]
    write_json(directory.environment_path, {"search": {"arguments": words}})
    directory.mark_finished("search")
    assert len(next_commands.of(directory)) == 1  # what leaves no network can only be trained
    directory.network_path("search").touch()
    train, *_ = next_commands.of(directory)
    assert shell(train)[3:] == [
        "--mode=train",
        f"--workdir={tmp_path}",
        *("--config", "a b.py", "--config.seed=1", "--config.data.flip"),
        *("--noconfig.search.shared_samples", "--config.data.split_seed", "-1"),
        "-config.data.source=folder:it's",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("python", "-m", "snas_tf.main"),
        (".venv/bin/python", "-m", "snas_tf.main"),
        ("python", "-m", "snas_tf"),
        ("/opt/my pythons/python3", "-X", "dev", "-m", "snas_tf.main"),
    ],
)
def test_a_python_is_called_as_it_was(words, started):
    started(*words)
    assert shell(next_commands.program()) == [*words]


def test_the_installed_command_is_called_by_its_name_where_that_finds_it(
    tmp_path, monkeypatch, started
):
    script = tmp_path / "bin of mine" / "snas-tf"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    started("/usr/bin/python3", str(script))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shell(next_commands.program()) == [str(script)]
    monkeypatch.setenv("PATH", str(script.parent))
    assert next_commands.program() == "snas-tf"


def test_a_program_of_the_users_is_told_the_python_that_runs(started, tmp_path, monkeypatch):
    started("python", "search.py")
    python = pathlib.Path(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(python.parents[2])
    here = str(python.relative_to(python.parents[2]))
    assert shell(next_commands.program()) == [here, "-m", "snas_tf.main"]
    monkeypatch.chdir(tmp_path)
    assert shell(next_commands.program())[0] == str(python)
    (tmp_path / "python").symlink_to(python)
    assert shell(next_commands.program())[0] == str(python)  # a link is another environment
    monkeypatch.setenv("PATH", str(python.parent))
    assert shell(next_commands.program())[0] == "python"
