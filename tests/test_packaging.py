# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a wheel holds, what it asks for, and how the environment of the checkout is made."""

import configparser
import email
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import snas_tf

ROOT = pathlib.Path(__file__).parents[1]
LOCK = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements.lock").read_text(), re.M))
LOCKED = {canonicalize_name(name): version for name, version in LOCK.items()}


SHIPPED = ("configs", "export")
TINY = (
    "--config.space.primitives=('none','skip_connect','sep_conv_3x3')",
    *("--config.space.num_nodes=1", "--config.network.num_cells=1", "--config.search.epochs=1"),
    *("--config.network.init_channels=4", "--config.data.batch_size=256"),
    *("--config.train.epochs=1", "--config.runtime.native_operations=off"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The wheel, made from the source archive of a copy: setuptools builds beside the sources."""
    folder = tmp_path_factory.mktemp("packaging")
    sources = folder / "sources"
    sources.mkdir()
    for name in ("snas_tf", "docs", "tests", *SHIPPED):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, sources / name, ignore=ignored)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, sources)
    words = ["setup.py", "--quiet", "sdist", "--dist-dir", str(folder)]
    subprocess.run([sys.executable, *words], cwd=sources, check=True, timeout=300)
    (sdist,) = folder.glob("*.tar.gz")
    words = ["-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run(
        [sys.executable, *words, "--wheel-dir", str(folder), str(sdist)], check=True, timeout=300
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(archive):
    with zipfile.ZipFile(archive) as opened:
        yield opened


@pytest.fixture(scope="module")
def installed(archive, tmp_path_factory):
    """The folder into which the wheel was installed; its programs are in bin."""
    folder = tmp_path_factory.mktemp("installed") / "target"
    words = ["-m", "pip", "install", "--no-deps", "--quiet", "--target", str(folder)]
    subprocess.run([sys.executable, *words, str(archive)], check=True, timeout=300)
    return folder


def shell(command, installed, folder):
    """Runs a line of a user who has no checkout; returns what it printed."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "PATH": os.pathsep.join([str(installed / "bin"), os.environ["PATH"]]),
    }
    answer = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def metadata(wheel, name):
    (path,) = (path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def test_the_wheel_holds_the_package_alone(wheel):
    tops = {path.split("/")[0] for path in wheel.namelist()}
    assert tops == {"snas_tf", f"snas_tf-{snas_tf.__version__}.dist-info"}
    assert "snas_tf/py.typed" in wheel.namelist()
    sources = {path.name for path in (ROOT / "snas_tf" / "native").iterdir() if path.is_file()}
    assert {"kernel.h", "affine_sum.cc", "library.py"} <= sources
    for name in sources:
        assert f"snas_tf/native/{name}" in wheel.namelist()
    packages = {path.parent.name for path in (ROOT / "snas_tf").glob("*/__init__.py")}
    assert {"space", "layers", "runs"} <= packages
    for package in packages:
        assert f"snas_tf/{package}/__init__.py" in wheel.namelist()


def test_the_wheel_says_what_it_is(wheel):
    headers = email.message_from_string(metadata(wheel, "METADATA"))
    assert headers["Name"] == "snas-tf" and headers["Version"] == snas_tf.__version__
    assert headers["Requires-Python"] == ">=3.11"
    assert "Apache-2.0" in (headers["License-Expression"] or headers["License"])
    entry_points = configparser.ConfigParser()
    entry_points.read_string(metadata(wheel, "entry_points.txt"))
    assert entry_points["console_scripts"]["snas-tf"] == "snas_tf.main:run"
    assert metadata(wheel, "WHEEL").count("py3-none-any") == 1


def test_configs_and_the_deployment_kit_come_along(wheel):
    for name in SHIPPED:
        files = [path for path in (ROOT / name).rglob("*") if path.is_file()]
        assert len(files) >= 9
        for path in files:
            if "__pycache__" not in path.parts:
                held = wheel.read(f"snas_tf/{path.relative_to(ROOT).as_posix()}")
                assert held == path.read_bytes()
    assert not [path for path in wheel.namelist() if "__pycache__" in path]


def test_help_without_a_checkout(installed, tmp_path):
    for program in ("snas-tf", f"{sys.executable} -m snas_tf"):
        page = shell(f"{program} --help", installed, tmp_path)
        assert f"Configs in {installed / 'snas_tf' / 'configs'}:" in page
        assert "digits_train" in page


@pytest.mark.slow
def test_a_search_without_a_checkout_and_its_next_commands(installed, tmp_path):
    words = ["--mode=search", "--config=digits", "--workdir=a user's $run", *TINY]
    printed = shell(shlex.join(["snas-tf", *words]), installed, tmp_path)
    commands = [
        line.removeprefix("Next: ") for line in printed.splitlines() if line.startswith("Next: ")
    ]
    train, *others = commands
    assert train.startswith("snas-tf --mode=train ") and "--config=digits " in train
    shell(train, installed, tmp_path)
    assert (tmp_path / "a user's $run" / "trained.keras").is_file()
    assert len(others) >= 2 and not list(tmp_path.glob("a user's"))


def test_the_lock_holds_a_version_of_everything_that_is_asked_for(wheel):
    headers = email.message_from_string(metadata(wheel, "METADATA"))
    needed = [Requirement(text) for text in headers.get_all("Requires-Dist")]
    names = {canonicalize_name(requirement.name) for requirement in needed}
    assert {"tensorflow", "tf-keras", "tensorboard", "importlib-resources", "pytest"} <= names
    for requirement in needed:
        version = LOCKED[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_the_lock_names_versions_and_no_places():
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.]+", line), line


def test_make_without_a_python_says_what_is_missing(tmp_path):
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    words = ["make", "-C", str(tmp_path), "lint", "PYTHON=no-such-python"]
    answer = subprocess.run(words, capture_output=True, text=True)
    assert answer.returncode != 0
    assert "no Python >= 3.11" in answer.stderr and "no-such-python" in answer.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_help_names_every_target():
    answer = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True)
    for target in ("search", "test", "docs", "bazel", "lint", "clean", "help"):
        assert f"make {target}" in answer.stdout
