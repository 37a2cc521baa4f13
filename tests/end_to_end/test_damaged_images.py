# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Image files that cannot be read, before a run and in the middle of one, by the real command."""

import json

import numpy as np
import pytest
from PIL import Image

from snas_tf import data, main
from snas_tf.data import splits
from snas_tf.search.callbacks import EvaluateSamples
from tests.end_to_end.processes import FEW_OPERATIONS

pytestmark = pytest.mark.slow

TINY = (
    "--config.data.source=folder:images",
    "--config.data.batch_size=8",
    "--config.space.num_nodes=1",
    FEW_OPERATIONS,
    "--config.network.num_cells=1",
    "--config.network.init_channels=2",
    "--config.search.epochs=2",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder, with 40 images in two classes."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number:02d}.png")
    return tmp_path


@pytest.fixture
def search(capsys):
    """The command: (exit code, out, err)."""

    def search(*words):
        code = main.run(["--mode=search", "--workdir=run", *TINY, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return search


def truncate(path):
    path.write_bytes(path.read_bytes()[:-30])


def empty(path):
    path.write_bytes(b"")


def replace_by_text(path):
    path.write_text("<html>404 Not Found</html>")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


def damage_within(path):
    content = bytearray(path.read_bytes())
    content[100:132] = bytes(32)
    path.write_bytes(content)


def assert_one_line(err, *fragments):
    assert err.startswith("snas_tf: error: ") and err.count("\n") == 1
    for fragment in fragments:
        assert fragment in err


@pytest.mark.parametrize("limit", [0, splits.MEMORY_LIMIT_BYTES])
@pytest.mark.parametrize("damage", [truncate, empty, replace_by_text, replace_by_folder])
def test_before_a_run_it_is_wrong_input(folder, search, monkeypatch, limit, damage):
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", limit)
    damage(folder / "images" / "dog" / "07.png")
    code, out, err = search()
    assert (code, out) == (2, "")
    assert_one_line(err, "cannot read 'images/dog/07.png' (", "do replace or remove the file")
    assert not (folder / "run").exists()


def test_what_is_damaged_within_is_named_before_a_run_of_images_in_memory(folder, search):
    damage_within(folder / "images" / "cat" / "11.png")
    code, _, err = search()
    assert code == 2
    assert_one_line(err, "cannot read 'images/cat/11.png' (damaged")
    assert not (folder / "run").exists()


def test_in_the_middle_of_a_training_it_is_named_too(folder, monkeypatch, capsys):
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 0)
    damage_within(data.load("folder:images").validation.paths[2])
    sizes = ("train.num_cells=1", "train.init_channels=2", "train.epochs=1")
    words = [f"--config.{size}" for size in (*sizes, "train.genotype=DARTS_V2")]
    code = main.run(["--mode=train", "--workdir=run", *TINY[:2], *words])
    assert code == 1
    assert_one_line(capsys.readouterr().err, "cannot read 'images/", "run the same command again")


def test_in_the_middle_of_a_run_it_is_named_and_the_run_goes_on_when_it_is_mended(
    folder, search, monkeypatch
):
    monkeypatch.setattr(splits, "MEMORY_LIMIT_BYTES", 0)
    (folder / "images" / "cat" / "photo.heic").touch()
    victim = data.load("folder:images").validation.paths[2]
    content = victim.read_bytes()
    evaluate = EvaluateSamples.on_epoch_end

    def evaluate_after_damage(self, epoch, logs=None):
        if epoch == 1:
            damage_within(victim)
        evaluate(self, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(EvaluateSamples, "on_epoch_end", evaluate_after_damage)
        code, out, err = search()
    assert "Searching on images, 2 classes (cat, dog): " in out
    assert out.count("Not read: 1 .heic file.") == 1
    assert code == 1 and "epoch 1/2" in out and "epoch 2/2" not in out
    assert_one_line(err, f"cannot read '{victim}' (damaged", "run the same command again")
    assert not (folder / "run" / "error.log").exists(), "the line says it all"
    table = (folder / "run" / "metrics.csv").read_bytes()

    victim.unlink()
    code, out, err = search()
    assert (code, out) == (2, "")
    assert_one_line(err, "the run in run began with: 1 file removed")
    assert (folder / "run" / "metrics.csv").read_bytes() == table

    victim.write_bytes(content)
    code, out, err = search()
    assert (code, err) == (0, "")
    assert "Continuing after epoch 1 of 2" in out and "epoch 2/2" in out
    sizes = json.loads((folder / "run" / "dataset.json").read_text())["sizes"]
    assert sum(sizes.values()) == 40
