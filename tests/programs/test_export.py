# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is exported treats images as the run did, and says of itself what is known."""

import contextlib
import io
import json
import pathlib
import re
import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import data, main
from snas_tf.runs import network_files, next_commands

SEARCH = (
    "--config.space.num_nodes=1",
    "--config.space.primitives=('none','skip_connect','sep_conv_3x3')",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.search.epochs=1",
    "--config.data.batch_size=128",
    "--config.data.image_size=6",
    "--config.data.resize_side=7",
)


ALLOWED = "--config.export.allow_chance=true"


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("export") / "a run"
    assert main.run(["--mode=search", f"--workdir={workdir}", *SEARCH]) == 0
    return workdir


@pytest.fixture(scope="module")
def exported(searched):
    """By leave, as the results of the search say that its network is no better than chance."""
    measured = json.loads((searched / "results.json").read_text())
    for entry in measured:
        entry["accuracy"] = 0.12
    (searched / "results.json").write_text(json.dumps(measured))
    words = (f"--workdir={searched}", "--config.export.num_test_images=50", ALLOWED)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main.run(["--mode=export", *words]) == 0
    command = next_commands.server("snas", searched / "export")
    assert f"Serve it: {command}" in printed.getvalue().splitlines()
    (page,) = re.findall(r"see (.+/README\.md)\.$", printed.getvalue(), re.MULTILINE)
    assert "compose.yaml" in pathlib.Path(page).read_text()
    return searched / "export" / "1"


def metadata(folder):
    return json.loads((folder / "assets.extra" / "metadata.json").read_text(encoding="utf-8"))


def test_files_are_framed_as_the_images_of_the_run(searched, exported):
    originals = data.load("digits").test.images[:20]
    framed = data.load("digits", image_size=6, resize_side=7)
    served = tf.saved_model.load(str(exported)).signatures["image_bytes"]
    files = tf.stack([tf.io.encode_png(image) for image in originals])
    network = network_files.load(searched / "child.keras")
    expected = network(data.normalization(framed)(framed.test.images[:20]))
    np.testing.assert_allclose(served(image_bytes=files)["logits"], expected, atol=1e-5)


def test_the_accuracy_is_that_of_the_test_images_that_were_taken(searched, exported):
    found = metadata(exported)
    assert found["test_images"] == {"measured": 50, "all": 359}
    assert (50 * found["accuracy"]["saved_model"]) % 1 == pytest.approx(0, abs=1e-9)
    assert found["stage"] == "search" and found["config"]["data"]["image_size"] == 6
    assert found["network"] == "child without retraining"
    assert found["chosen"].endswith("of 287 validation images, the only network of this run")
    assert found["results"] == json.loads((searched / "results.json").read_text())
    environment = json.loads((searched / "environment.json").read_text())
    assert found["environment"] == environment["search"]


def test_a_network_that_is_chance_is_not_exported_unless_told_to(
    searched, exported, tmp_path, capsys
):
    assert (exported / "saved_model.pb").exists()
    copy = shutil.copytree(searched, tmp_path / "run", ignore=shutil.ignore_patterns("export"))
    words = ["--mode=export", f"--workdir={copy}", "--config.export.num_test_images=50"]
    assert main.run(words) == 2
    message = capsys.readouterr().err
    assert "is no better than chance: 12.00 % of 287" in message and message.count("\n") == 1
    assert not (copy / "export").exists()


def test_a_format_without_its_package_is_refused_before_anything_is_written(
    searched, exported, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    before = sorted((searched / "export").iterdir())
    words = (f"--workdir={searched}", "--config.export.formats=('onnx',)", ALLOWED)
    assert main.run(["--mode=export", *words]) == 2
    assert 'pip install "snas-tf[onnx]"' in capsys.readouterr().err
    assert sorted((searched / "export").iterdir()) == before


def test_what_does_not_pass_is_told_in_a_line_and_not_published(
    searched, exported, monkeypatch, capsys
):
    """The network is changed behind the export's back once its answers were recorded."""
    from snas_tf.serving import verification

    requests = verification.requests

    def then_changed(served, *arguments):
        expected = requests(served, *arguments)
        weight = served.network.trainable_weights[-1]
        weight.assign(weight + np.arange(weight.shape[0]))
        return expected

    monkeypatch.setattr(verification, "requests", then_changed)
    before = sorted(path.name for path in exported.parent.iterdir())
    assert main.run(["--mode=export", f"--workdir={searched}", ALLOWED]) == 1
    message = capsys.readouterr().err
    assert "does not answer as the network does" in message and message.count("\n") == 1
    assert sorted(path.name for path in exported.parent.iterdir()) == before
