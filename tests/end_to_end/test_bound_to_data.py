# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A run and its images, by the real commands: what happens when they are no longer the same."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from snas_tf import main
from snas_tf.programs.datasets import recorded_dataset
from snas_tf.runs.run_directory import RunDirectory
from tests.end_to_end.processes import FEW_OPERATIONS

pytestmark = pytest.mark.slow

TINY = (
    "--config.data.source=folder:images",
    "--config.data.batch_size=8",
    "--config.space.num_nodes=1",
    FEW_OPERATIONS,
    "--config.network.num_cells=1",
    "--config.network.init_channels=2",
    "--config.search.epochs=1",
)
TRAIN = ("--config.train.epochs=1",)
EXPORT = ("--config.export.allow_chance=true",)  # the images are noise


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with 60 images in two classes and a finished search of them."""
    folder = tmp_path_factory.mktemp("bound")
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / "images" / name).mkdir(parents=True)
        for number in range(30):
            pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{number:02d}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main.run(["--mode=search", "--workdir=run", *TINY]) == 0
    return folder


@pytest.fixture
def folder(finished, tmp_path, monkeypatch):
    """The present folder: a copy of it."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """The command: (exit code, out, err)."""

    def run(mode, *words):
        capsys.readouterr()
        code = main.run([f"--mode={mode}", "--workdir=run", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def content(folder):
    """Every file of the run with its content."""
    files = (path for path in (folder / "run").rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if path.name != ".lock"}


def assert_refused(run, folder, mode, *fragments, words=()):
    """Exit code 2, one line with all of these, and nothing written."""
    before = content(folder)
    code, out, err = run(mode, *words)
    assert (code, out) == (2, ""), err
    assert err.startswith("snas_tf: error: ") and err.count("\n") == 1
    for fragment in fragments:
        assert fragment in err
    assert content(folder) == before


def division(folder):
    """{file: what it is for} by the record of the run."""
    lines = (folder / "run" / "manifest.jsonl").read_text().splitlines()
    return {path: role for role, path, *_ in map(json.loads, lines[2:])}


def add_photographs(folder):
    for name in ("cat", "dog"):
        first = folder / "images" / name / "00.png"
        shutil.copy(first, first.with_name("added.png"))


ADDED = ("2 files added ('cat/added.png', 'dog/added.png')", "another --workdir", "--overwrite")


def test_a_photograph_more_a_class_is_refused_by_every_command_that_opens_images(folder, run):
    add_photographs(folder)
    assert_refused(run, folder, "evaluate", *ADDED)
    assert_refused(run, folder, "export", *ADDED, words=EXPORT)
    assert_refused(run, folder, "train", *ADDED, words=TRAIN)
    assert not (folder / "run" / "export").exists()
    code, _, err = run("report")  # needs no images
    assert code == 0, err


def test_a_class_of_another_name_is_refused(folder, run):
    (folder / "images" / "cat").rename(folder / "images" / "zebra")
    told = (
        "class 'cat' is named 'zebra' now",
        "30 files added ('zebra/00.png'",
        "30 files removed",
    )
    assert_refused(run, folder, "export", *told, words=EXPORT)
    assert_refused(run, folder, "evaluate", *told)
    assert not (folder / "run" / "export").exists()


def test_two_classes_whose_names_were_exchanged_are_refused(folder, run):
    images = folder / "images"
    for old, new in (("cat", "other"), ("dog", "cat"), ("other", "dog")):
        (images / old).rename(images / new)
    told = "60 files changed ('cat/00.png', 'cat/01.png', 'cat/02.png', ...)"
    assert_refused(run, folder, "export", told, words=EXPORT)


def test_a_search_that_begins_anew_takes_the_images_that_there_are(folder, run):
    recorded, before = recorded_dataset.load(RunDirectory("run")), division(folder)
    add_photographs(folder)
    (folder / "run" / "state.json").write_text('{"finished": []}')  # as if it had been stopped
    assert_refused(run, folder, "search", *ADDED, words=TINY[1:])  # it knows the folder
    code, _, err = run("search", *TINY, "--overwrite")
    assert code == 0, err
    now = recorded_dataset.load(RunDirectory("run"))
    assert sum(now.sizes.values()) == sum(recorded.sizes.values()) + 2
    after = division(folder)
    assert len(after) == 62 and all(after[path] == role for path, role in before.items())


def test_a_training_takes_data_division_and_normalization_of_its_search(folder, run):
    before = division(folder)
    summary = (folder / "run" / "dataset.json").read_bytes()
    code, out, err = run("train", *TRAIN, "--config.seed=9", "--config.data.flip=True")
    assert code == 0, err
    assert "on images" in out
    assert (folder / "run" / "dataset.json").read_bytes() == summary
    assert division(folder) == before
    recorded = RunDirectory("run").recorded("train")
    assert (recorded["data"]["source"], recorded["data"]["flip"]) == ("folder:images", True)
    assert (recorded["data"]["batch_size"], recorded["space"]["num_nodes"]) == (8, 1)
    code, _, err = run("evaluate")
    assert code == 0, err
    code, _, err = run("train", *TRAIN, "--overwrite")
    assert code == 0, err
    assert (folder / "run" / "dataset.json").read_bytes() == summary

    # A search on other images leaves the training behind.
    add_photographs(folder)
    code, out, err = run("search", *TINY, "--overwrite")
    assert code == 0, err
    assert "Warning: the training in run was on other images and counts no more" in out
    assert not RunDirectory("run").finished("train")
    assert_refused(run, folder, "train", "holds a training", "--overwrite", words=TRAIN)
    code, out, err = run("evaluate")
    assert code == 0 and "last epoch" not in out, err


@pytest.mark.parametrize("key", ["source=digits", "validation_fraction=0.3", "split_seed=4"])
def test_another_data_set_for_a_training_is_refused_by_name(folder, run, key):
    name, value = key.split("=")
    words = ("--config.train.genotype=SNAS_MILD", f"--config.data.{key}")
    assert_refused(run, folder, "train", f"--config.data.{name} is ", f"{value}", words=words)


def test_what_was_mended_is_named_and_accepted_when_asked(folder, run):
    victim = folder / "images" / "dog" / "07.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(victim)
    accept = "--config.runtime.accept_changed_files=True"
    assert_refused(run, folder, "evaluate", "1 file changed ('dog/07.png')", accept)
    code, out, err = run("evaluate", accept)
    assert code == 0, err
    assert "1 file changed ('dog/07.png') since the run in run began, and taken as they are" in out
    code, out, err = run("evaluate")
    assert code == 0 and "changed" not in out, err
    victim.unlink()
    assert_refused(run, folder, "evaluate", "1 file removed ('dog/07.png')", words=(accept,))


def test_a_run_without_a_record_of_its_images_is_told_so(folder, run):
    (folder / "run" / "manifest.jsonl").unlink()
    told = ("manifest.jsonl is not there", "an earlier version", "--overwrite")
    assert_refused(run, folder, "evaluate", *told)
    assert_refused(run, folder, "train", *told, words=TRAIN)


@pytest.mark.parametrize("keep", [0, 40, 400])
def test_a_damaged_record_is_told(folder, run, keep):
    path = folder / "run" / "manifest.jsonl"
    path.write_bytes(path.read_bytes()[:keep])
    assert_refused(run, folder, "export", "manifest.jsonl is damaged", words=EXPORT)
