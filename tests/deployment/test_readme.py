# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The commands of export/README.md that need no container are run as they stand."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.deployment.loaded_models import read_config

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "export" / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
RUN = ("python export/clients/", "curl ", "printf ", "saved_model_cli ", "kubectl kustomize ")
NOT_RUN = (
    "docker run ",
    "docker compose ",
    "SNAS_EXPORT=",
    "kubectl apply ",
    "kubectl rollout ",
    "python -m snas_tf.main --mode=export ",  # tests/end_to_end does
    "curl --fail -sS http://localhost:8502/monitoring/",  # the stand-in has no metrics
)


def commands():
    """The commands, with the lines that belong to them."""
    for block in BLOCKS:
        command = ""
        for line in block.splitlines():
            command += f"{line}\n"
            unfinished = line.endswith(("\\", "|")) or ("<< 'END'" in command and line != "END")
            if not unfinished:
                yield command
                command = ""
        assert not command


def runnable():
    return [command for command in commands() if not command.startswith(NOT_RUN)]


def test_every_command_is_of_a_known_kind():
    kinds = [command for command in commands() if not command.startswith((*RUN, *NOT_RUN))]
    assert not kinds
    assert len(runnable()) >= 9
    for start in RUN:
        assert any(command.startswith(start) for command in runnable()), start


@pytest.mark.parametrize("command", runnable(), ids=lambda command: command.split("\n")[0][:60])
def test_the_command_works(command, server, exported, files, tmp_path):
    program = shlex.split(command.split("\n")[0])[0]
    if not shutil.which(program) and program not in {"python", "saved_model_cli"}:
        pytest.skip(f"needs {program}")
    (tmp_path / "export").symlink_to(ROOT / "export")
    (tmp_path / "runs" / "digits").mkdir(parents=True)
    (tmp_path / "runs" / "digits" / "export").symlink_to(exported)
    shutil.copy(files[0], tmp_path / "five.png")
    for documented, port in (("8501", server.rest_port), ("8500", server.port)):
        command = command.replace(f"localhost:{documented}", f"localhost:{port}")
    if "predict_" in command and "--server" not in command:
        port = server.rest_port if "predict_rest" in command else server.port
        command = re.sub(r"(predict_\w+\.py)", rf"\1 --server=localhost:{port}", command)
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-ec", command],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    if "predict_" in command:
        assert done.stderr == ""  # TensorFlow, in one of them, is kept quiet
    if "predict" in command:
        assert "five.png" in done.stdout or "class_id" in done.stdout or "-\t" in done.stdout


def test_the_files_that_it_names_exist():
    names = re.findall(r"`([\w./]+\.(?:config|yml|yaml|py)|[a-z]+/)`", README)
    for name in names:
        places = [ROOT / "export" / name, ROOT / "export" / "clients" / name, ROOT / name]
        assert any(place.exists() for place in places), name


def test_the_file_of_step_2_is_one_that_the_server_reads(tmp_path):
    (lines,) = re.findall(r"^```\n(model_version_policy.*?)^```$", README, re.MULTILINE | re.DOTALL)
    file = tmp_path / "models.config"
    file.write_text(f"model_config_list {{ config {{ {lines} }} }}")
    (model,) = read_config(file).model_config_list.config
    versions = [*model.model_version_policy.specific.versions]
    assert versions == [1, 2] and model.version_labels == {"stable": 1, "canary": 2}
