# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The real command: what it answers to wrong input, failures and interruptions."""

import errno
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from snas_tf import command_line, config, main, shipped
from snas_tf.errors import Failure
from snas_tf.runs import error_log
from snas_tf.runs.run_directory import RunDirectory

ROOT = pathlib.Path(__file__).parents[1]


def python(folder, *words, **environment):
    variables = {
        name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"
    }
    paths = os.pathsep.join([environment.pop("first", ""), str(ROOT)]).strip(os.pathsep)
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**variables, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def command(folder, *words):
    return python(folder, "-m", "snas_tf.main", *words)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture
def folder(tmp_path):
    """Holds what wrong commands stumble over."""
    (tmp_path / "a_file").write_text("")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").write_text("mine")
    (tmp_path / "broken.py").write_text("def get_config(:\n")
    (tmp_path / "raises.py").write_text("def get_config():\n    raise ValueError('no\\nluck')\n")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "a_dict.py").write_text("def get_config():\n    return {}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        (
            "",
            ("`--mode` must be one of search, train, evaluate, predict, report, export", "missing"),
        ),
        ("--mode=serach", ("`--mode` must be one of search, train,", "'serach'")),
        ("search", ("'search' must be a flag, such as --mode=search",)),
        ("--mode=search --wrokdir=x", ("'wrokdir'", "workdir")),
        ("--mode=search --workdir=", ("`--workdir`",)),
        ("--mode=search --overwrite=perhaps", ("`--overwrite`", "'perhaps'")),
        ("--mode=search --config.serch.epochs=3", ("did you mean `--config.search.epochs`?",)),
        ("--mode=search --noconfig.data.flop", ("did you mean `--config.data.flip`?",)),
        ("--mode=search --config.search=3", ("`--config.search` is a section",)),
        (
            "--mode=search --config.search.epochs=many",
            ("`--config.search.epochs` must be a whole number in [1, inf): given 'many'",),
        ),
        ("--mode=search --config.search.epochs", ("config.search.epochs",)),
        ("--mode=search --config.search.epochs=0", ("`--config.search.epochs`", "given 0")),
        ("--mode=search --config.search.learning_rate=nan", ("(0, inf): given nan",)),
        ("--mode=search --config.data.flip=perhaps", ("true or false: given 'perhaps'",)),
        ("--mode=search --config.search.estimator=darts", ("score_function: given 'darts'",)),
        ("--mode=search --config.space.primitives=conv", ("`--config.space.primitives`", "conv")),
        (
            "--mode=export --config.export.formats=('tflite',)",
            ("litert, litert_int8, onnx", "tflite"),
        ),
        (
            "--mode=search --config=nowhere.py",
            ("`--config` must be a Python file", ", digits, digits_train, ", "'nowhere.py'"),
        ),
        ("--mode=search --config=digit:mild", ("digits_train", "given 'digit:mild'")),
        ("--mode=search --config=digits:milt", ("moderate", "'milt'")),
        ("--mode=search --config", ("`--config`",)),
        ("--mode=search --config=broken.py", ("`--config` broken.py", "SyntaxError")),
        ("--mode=search --config=raises.py", ("`--config` raises.py cannot be used",)),
        ("--mode=search --config=empty.py", ("`--config` empty.py", "get_config")),
        ("--mode=search --config=a_dict.py", ("`--config`", "ConfigDict", "a_dict.py")),
        ("--mode=search --workdir=a_file", ("`--workdir`", "a_file is a file")),
        ("--mode=train --workdir=a_file/run", ("`--workdir`", "a_file is a file")),
        ("--mode=search --workdir=foreign", ("`--workdir`", "thesis.txt")),
        ("--mode=search --workdir=foreign --overwrite", ("`--workdir`", "thesis.txt")),
        ("--mode=latency --workdir=foreign", ("`--workdir`", "thesis.txt")),
        ("--mode=latency --workdir=a_file", ("`--workdir`", "a_file is a file")),
    ],
)
def test_wrong_input_is_answered_in_one_line_and_nothing_is_written(
    folder, monkeypatch, capfd, words, fragments
):
    before = contents(folder)
    monkeypatch.chdir(folder)
    # absl's module of the config file before would lend its names to this one.
    monkeypatch.delitem(sys.modules, "config_config", raising=False)
    code = main.run(words.split())
    out, err = capfd.readouterr()
    assert code == 2, err
    assert out == ""
    assert err.startswith("snas_tf: error: ") and err.count("\n") == 1
    for fragment in fragments:
        assert fragment in err
    assert contents(folder) == before


def test_a_process_of_its_own_gives_the_same_answer(folder):
    before = contents(folder)
    answer = command(folder, "--mode=search", "--workdir=foreign")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("snas_tf: error: `--workdir`")
    assert "thesis.txt" in answer.stderr and answer.stderr.count("\n") == 1
    assert contents(folder) == before


@pytest.mark.parametrize("word", ["--help", "-h", "--helpfull"])
def test_help_is_a_page_and_names_every_key_where_it_is_asked_to(word, tmp_path, capsys):
    assert main.run(["--mode=search", word]) == 0
    page = capsys.readouterr().out
    for told in (*command_line.MODES, *shipped.config_names(), "--workdir", "--overwrite"):
        assert told in page
    for program in ("snas-tf", "python -m snas_tf"):
        assert f"    {program} --mode=" in page
    keys = [f"  --config.{key}=" for key in config.flatten(config.get_config())]
    assert [key in page for key in keys] == [word == "--helpfull"] * len(keys)
    if word != "--helpfull":
        assert len(page.splitlines()) <= 40 and max(map(len, page.splitlines())) <= 100


def test_help_may_go_to_a_program_that_reads_the_beginning_alone(tmp_path):
    words = f"{sys.executable} -m snas_tf --helpfull | head -n 1; exit ${{PIPESTATUS[0]}}"
    answer = subprocess.run(
        ["bash", "-c", words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode in (0, 141) and answer.stderr == ""
    assert answer.stdout.startswith("Stochastic neural architecture search")


def test_the_examples_of_the_help_are_right(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = re.findall("^  snas-tf (.*)$", main.__doc__, re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        command_line.parse(shlex.split(example))


@pytest.mark.parametrize("name", shipped.config_names())
def test_a_config_that_comes_along_is_found_by_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in ([f"--config={name}"], ["--config", f"configs/{name}.py"]):
        found = command_line.parse(["--mode=report", *words]).config
        file = command_line.parse(["--mode=report", f"--config={ROOT / 'configs' / name}.py"])
        assert found.to_dict() == file.config.to_dict()


def test_a_level_may_follow_the_name_of_a_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = command_line.parse(["--mode=search", "--config=digits:mild"]).config
    assert found.search.resource_weight == config.resource_weight("mild")


def test_a_file_of_the_users_comes_before_one_that_comes_along(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    text = "from snas_tf import config\ndef get_config():\n    mine = config.get_config()\n"
    (tmp_path / "digits.py").write_text(text + "    mine.seed = 7\n    return mine\n")
    for given in ("digits.py", "~/digits.py"):
        assert command_line.parse(["--mode=search", f"--config={given}"]).config.seed == 7
    assert command_line.parse(["--mode=search", "--config=digits"]).config.seed == 0


def test_a_wrong_command_is_answered_without_tensorflow(tmp_path):
    program = (
        "import sys; from snas_tf.main import run; code = run(['--mode=search', '--workdir=/']);"
        "sys.exit(code + 10 * ('tensorflow' in sys.modules))"
    )
    assert python(tmp_path, "-c", program).returncode == 2


def test_values_of_the_command_line_reach_the_config():
    command = command_line.parse(
        [
            "--mode=train",
            "--workdir=~/somewhere",
            "--overwrite",
            "--config.train.epochs=3",
            "--config.data.flip",
            "--config.space.primitives=('none','skip_connect')",
            "--config.search.learning_rate=1",
        ]
    )
    assert command.mode == "train" and command.directory.overwrite
    assert command.directory.path == pathlib.Path.home() / "somewhere"
    assert command.config.train.epochs == 3 and command.config.data.flip
    assert command.config.space.primitives == ("none", "skip_connect")
    assert command.config.search.learning_rate == 1.0
    assert command.config.seed == config.get_config().seed


def test_the_command_line_overrides_the_config_file():
    file = ROOT / "configs" / "cifar10_search.py"
    words = ["--mode=search", "--config", str(file), "--config.search.epochs=2"]
    command = command_line.parse(words)
    assert command.config.search.epochs == 2
    assert command.config.network.num_cells == 8
    assert not command.directory.overwrite


def test_an_interruption_is_no_traceback(tmp_path):
    (tmp_path / "slow.py").write_text("def get_config():\n    raise KeyboardInterrupt\n")
    answer = command(tmp_path, "--mode=search", "--config=slow.py")
    assert answer.returncode == 130
    assert answer.stderr == "snas_tf: interrupted; the same command continues the run\n"


@pytest.mark.parametrize("mode", ["export", "latency", "score", "search", "train"])
def test_what_has_no_checkpoints_says_that_it_begins_anew(tmp_path, monkeypatch, capsys, mode):
    def program(command):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_dispatch", program)
    assert main.run([f"--mode={mode}", f"--workdir={tmp_path / 'run'}"]) == 130
    goes_on = "continues the run" if mode in ("score", "search", "train") else "begins anew"
    told = f"snas_tf: interrupted; the same command {goes_on}\n"
    assert capsys.readouterr().err == told


def test_a_failure_of_a_run_is_one_line_and_a_log_in_its_directory(tmp_path, monkeypatch, capsys):
    run = RunDirectory(tmp_path / "run")
    with run:
        run.begin("search", config.get_config())

    def program(command):
        raise ArithmeticError("what nobody thought of\nand more of it")

    monkeypatch.setattr(main, "_dispatch", program)
    assert main.run(["--mode=search", f"--workdir={run.path}"]) == 1
    answer = capsys.readouterr().err
    assert answer.startswith("snas_tf: error: ArithmeticError: what nobody thought of (")
    assert answer.count("\n") == 1 and "run/error.log" in answer
    assert "Traceback" in run.error_path.read_text()


def test_a_damaged_record_of_a_run_is_named_with_the_way_on(tmp_path, capsys):
    run = RunDirectory(tmp_path / "run")
    with run:
        run.begin("search", config.get_config())
    run.state_path.write_text("not JSON")
    assert main.run(["--mode=search", f"--workdir={run.path}"]) == 2
    answer = capsys.readouterr().err
    assert "run/state.json" in answer and answer.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "run/a"), "run/a cannot be written"),
        (Failure("the loss is nan; do this"), "error: the loss is nan; do this"),
    ],
)
def test_what_the_line_says_in_full_needs_no_log(tmp_path, monkeypatch, capsys, error, told):
    def program(command):
        raise error

    monkeypatch.setattr(main, "_dispatch", program)
    assert main.run(["--mode=search", f"--workdir={tmp_path / 'run'}"]) == 1
    answer = capsys.readouterr().err
    assert told in answer and ".log" not in answer and answer.count("\n") == 1


@pytest.mark.parametrize(
    ("cluster", "words", "told"),
    [
        ("no JSON", (), "`TF_CONFIG` must be JSON"),
        (None, ("--config.distribution=multi_worker",), "needs the environment variable TF_CONFIG"),
    ],
)
def test_a_cluster_that_is_none_is_refused(tmp_path, monkeypatch, capsys, cluster, words, told):
    if cluster:
        monkeypatch.setenv("TF_CONFIG", cluster)
    workdir = tmp_path / "run"
    assert main.run(["--mode=search", f"--workdir={workdir}", *words]) == 2
    assert told in capsys.readouterr().err and not workdir.exists()
    assert main.run(["--mode=evaluate", f"--workdir={workdir}"]) == 2  # for other reasons
    assert "TF_CONFIG" not in capsys.readouterr().err


def test_the_log_of_a_failure_never_lands_in_a_foreign_folder(tmp_path):
    place = error_log.write("what happened", RunDirectory(tmp_path))
    assert pathlib.Path(place).read_text() == "what happened"
    assert not list(tmp_path.iterdir())
    pathlib.Path(place).unlink()


def test_a_failure_that_cannot_be_logged_still_ends_in_one_line(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"search": {}}))
    (tmp_path / "error.log").mkdir()
    assert error_log.write("what happened", RunDirectory(tmp_path)) == ""


@pytest.mark.slow
def test_tensorflow_loads_in_silence(tmp_path):
    program = "from snas_tf.machine import startup; startup.load_tensorflow(); import tensorflow"
    answer = python(tmp_path, "-c", program)
    assert answer.returncode == 0 and answer.stderr == ""


def test_a_tensorflow_that_does_not_load_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'no such library')\nraise ImportError('libcuda')\n"
    )
    program = "from snas_tf.machine import startup; startup.load_tensorflow()"
    answer = python(tmp_path, "-c", program, first=str(tmp_path))
    assert answer.returncode == 1
    assert "no such library" in answer.stderr and "libcuda" in answer.stderr
