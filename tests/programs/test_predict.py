# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=predict: a line for each image, and each that cannot be read named in one."""

import json

import keras
import numpy as np
import pytest
from PIL import Image

from snas_tf import main
from snas_tf.networks import plain
from snas_tf.programs import plain_network
from snas_tf.runs import network_files, results
from snas_tf.runs.run_directory import RunDirectory
from tests.runs import small_run

NAMES = small_run.DATASET["class_names"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The run directory of a search, and a folder with images of its size."""
    folder = tmp_path_factory.mktemp("predict")
    with RunDirectory(folder / "run") as directory:
        small_run.search(directory)
        plain_network.write(directory)
        directory.mark_finished("search")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number} ä.png")
    (folder / "torn.png").write_bytes((folder / "0 ä.png").read_bytes()[:40])
    (folder / "text.jpg").write_text("no image")
    return folder, pixels


@pytest.fixture
def predict(searched, capsys, monkeypatch):
    """The command in the folder of the images: (exit code, lines, errors)."""
    monkeypatch.chdir(searched[0])

    def run(*words):
        code = main.run(["--mode=predict", "--workdir=run", *words])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return run


def probabilities(network, pixels):
    return np.asarray(keras.ops.softmax(network.predict(pixels[..., np.newaxis], verbose=0)))


def test_a_line_holds_file_class_and_probability(searched, predict):
    folder, pixels = searched
    files = [f"{number} ä.png" for number in range(40)]  # more than a batch
    code, lines, errors = predict(*files)
    assert (code, errors) == (0, [])
    network = keras.saving.load_model(folder / "run" / "network.keras")
    for line, file, expected in zip(lines, files, probabilities(network, pixels), strict=True):
        name, label, probability = line.split("\t")
        assert (name, label) == (file, NAMES[expected.argmax()])
        assert float(probability) == pytest.approx(expected.max(), abs=1e-4)


def test_json_holds_the_probabilities_of_all_classes(searched, predict):
    folder, pixels = searched
    code, lines, _ = predict("0 ä.png", "1 ä.png", "--json")
    assert code == 0
    network = keras.saving.load_model(folder / "run" / "network.keras")
    for number, (line, expected) in enumerate(
        zip(lines, probabilities(network, pixels[:2]), strict=True)
    ):
        answer = json.loads(line)
        assert answer["file"] == f"{number} ä.png"
        assert answer["probabilities"] == pytest.approx(
            dict(zip(NAMES, expected, strict=True)), abs=1e-5
        )
        assert answer["class"] == NAMES[expected.argmax()]
        assert answer["probability"] == answer["probabilities"][answer["class"]]


def test_an_image_that_cannot_be_read_is_named_and_the_others_answered(predict):
    code, lines, errors = predict("torn.png", "0 ä.png", "text.jpg", "none.png", "run", "1 ä.png")
    assert code == 2
    assert [line.split("\t")[0] for line in lines] == ["0 ä.png", "1 ä.png"]
    *named, last = errors
    for line, name in zip(named, ("torn.png", "text.jpg", "none.png", "run"), strict=True):
        assert line.startswith(f"snas_tf: cannot read {name!r} (")
    assert last == ("snas_tf: error: 4 of 6 images could not be read; the others are answered")


def test_the_network_may_be_named(searched, predict):
    folder, pixels = searched
    with RunDirectory(folder / "run") as directory:
        directory.begin("train", main.config.get_config())
        last = small_run.leave(directory, "train", results.TRAINED, 0.4)
        network_files.save(last, directory.network_path("train"))
    written = plain.to_keras(last, mean=[0.25], deviation=[0.5])
    _, (line,), _ = predict("--json", "--config.export.network=last", "0 ä.png")
    expected = dict(zip(NAMES, probabilities(written, pixels[:1])[0], strict=True))
    assert json.loads(line)["probabilities"] == pytest.approx(expected, abs=1e-5)
    directory.network_path("train").unlink()


def test_a_network_that_is_chance_answers_only_where_it_is_told_to(searched, predict):
    path = searched[0] / "run" / "results.json"
    before = path.read_text()
    path.write_text(before.replace('"accuracy": 0.5', '"accuracy": 0.35'))
    try:
        code, lines, errors = predict("0 ä.png")
        assert (code, lines) == (2, [])
        assert len(errors) == 1 and "no better than chance: 35.00 % of 300" in errors[0]
        code, lines, _ = predict("0 ä.png", "--config.export.allow_chance=true")
        assert code == 0 and len(lines) == 1
    finally:
        path.write_text(before)


def test_nothing_is_written(searched, predict):
    run = searched[0] / "run"
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    predict("0 ä.png")
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "`--mode=predict` must be given image files"),
        (("--workdir=elsewhere", "0 ä.png"), "holds no finished network"),
    ],
)
def test_a_mistake_is_told_in_one_line(predict, words, said):
    code, lines, errors = predict(*words)
    assert (code, lines, len(errors)) == (2, [], 1)
    assert said in errors[0]


@pytest.mark.parametrize("words", [("a.png",), ("--json",)])
def test_other_modes_take_no_images(words, capsys):
    assert main.run(["--mode=evaluate", *words]) == 2
    assert "--mode=predict" in capsys.readouterr().err
