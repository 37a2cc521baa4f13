# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is exported answers as the network does, in a process that knows nothing of snas_tf."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from snas_tf import ChildNetwork, Supernet, serving, space
from snas_tf.data.images import image_decoding, shown_pixels
from snas_tf.errors import Failure
from tests import image_contents as contents
from tests.serving.conftest import GENOTYPE, MOST_IMAGES, SKELETON

IMAGES = (2, 32, 32, 1)


def export(parts, folder, **changes):
    arguments = {**parts, "folder": folder, **changes}
    return serving.export(arguments.pop("network"), arguments.pop("folder"), **arguments)


def test_another_process_gets_the_same_answers(exported, served, examples, tmp_path):
    np.save(tmp_path / "images.npy", examples)
    program = (
        "import json, sys, numpy, tensorflow as tf;"
        "loaded = tf.saved_model.load(sys.argv[1]).signatures['serving_default'];"
        "answers = loaded(image=tf.constant(numpy.load(sys.argv[2])));"
        "answers.pop('class_name');"
        "print(json.dumps({name: value.numpy().tolist() for name, value in answers.items()}));"
        "assert 'snas_tf' not in sys.modules"
    )
    words = [sys.executable, "-c", program, str(exported.place), str(tmp_path / "images.npy")]
    answer = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert answer.returncode == 0, answer.stderr
    answers = json.loads(answer.stdout)
    logits = served.network(served.normalization(examples)).numpy()
    np.testing.assert_allclose(answers["logits"], logits, atol=1e-5)
    np.testing.assert_allclose(answers["probabilities"], tf.nn.softmax(logits), atol=1e-5)
    np.testing.assert_array_equal(answers["class_id"], logits.argmax(-1))


@pytest.mark.slow
def test_a_cell_of_nas_bench_201_is_served(parts, examples, tmp_path):
    cell = space.Genotype.from_nas_bench_201(
        "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
    )
    skeleton = space.nas_bench_201_skeleton(4, 1, num_classes=10, image_shape=(8, 8, 1))
    network = ChildNetwork(cell, skeleton)
    place = export(parts, tmp_path, network=network, examples=examples).place
    loaded = tf.saved_model.load(str(place)).signatures["serving_default"]
    found = loaded(image=tf.constant(examples))["logits"]
    expected = network(parts["normalization"](examples))
    assert np.std(expected) > 0.01
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_files_are_answered_by_the_pixels_of_training(exported, served):
    turned = Image.Exif()
    turned[0x0112] = 6
    wide = np.random.default_rng(0).integers(0, 2**12, (30, 20, 3))
    files = [
        contents.encoded(contents.SMOOTH, "JPEG", exif=turned),
        contents.encoded(contents.SMOOTH, "PNG", exif=turned),
        contents.encoded(Image.fromarray(contents.SMOOTH).convert("CMYK"), "JPEG"),
        contents.encoded(Image.fromarray(contents.SMOOTH).quantize(9), "PNG", transparency=2),
        contents.png(wide, 16),
    ]
    loaded = tf.saved_model.load(str(exported.place)).signatures
    of_files = loaded["image_bytes"](image_bytes=tf.constant(files))
    pixels = [served.frame(shown_pixels.grey(image_decoding.decode(each))) for each in files]
    of_pixels = loaded["serving_default"](image=tf.stack(pixels))
    for key in of_pixels:
        np.testing.assert_array_equal(of_files[key], of_pixels[key])


def test_a_version_holds_all_that_a_server_and_a_person_need(exported, digits):
    files = {str(path.relative_to(exported.place)) for path in exported.place.rglob("*.*")}
    assert exported.version == 1 and exported.place.name == "1" and exported.removed == []
    assert {"saved_model.pb", "assets/labels.txt", "assets.extra/metadata.json"} <= files
    assert (exported.place / "assets.extra" / "tf_serving_warmup_requests").is_file()
    labels = (exported.place / "assets" / "labels.txt").read_text().splitlines()
    assert tuple(labels) == digits.class_names


def test_the_labels_are_an_asset_of_the_saved_model(exported):
    loaded = tf.saved_model.load(str(exported.place))
    path = loaded.labels.asset_path.numpy().decode()
    assert path == str(exported.place / "assets" / "labels.txt")


def test_the_metadata_tell_where_the_network_comes_from(exported, served):
    path = exported.place / serving.EXTRA_ASSETS / serving.METADATA
    metadata = json.loads(path.read_text(encoding="utf-8"))
    assert metadata == json.loads(json.dumps(exported.metadata))
    genotype = space.Genotype.from_json(json.dumps(metadata["genotype"]))
    assert genotype == served.network.genotype
    assert metadata["skeleton"]["image_shape"] == [8, 8, 1]
    assert metadata["software"]["tensorflow"] == tf.__version__
    assert metadata["verification"] == json.loads(json.dumps(exported.verification.describe()))
    assert metadata["most_images"] == MOST_IMAGES and metadata["version"] == 1


@pytest.fixture
def folder(exported, tmp_path):
    """Of versions: the first is there."""
    shutil.copytree(exported.place, tmp_path / "versions" / "1")
    return tmp_path / "versions"


@pytest.mark.slow
def test_more_is_described_before_anything_is_published(parts, examples, folder):
    def describe(draft, formats):
        assert serving.versions(folder) == [1] and formats == {}
        answer = serving.predictor(draft)(examples)
        return {"mean": float(answer.mean())}

    exported = export(parts, folder, examples=examples, describe=describe)
    assert exported.metadata["mean"] == pytest.approx(0.1)
    assert (exported.version, exported.removed) == (2, []), "none goes unasked"

    def fail(draft, formats):
        raise OSError("no more room")

    with pytest.raises(OSError, match="no more room"):
        export(parts, folder, examples=examples, describe=fail)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "1", "2"]


@pytest.fixture(scope="module")
def with_auxiliary(parts, exported, tmp_path_factory):
    """A network with two heads, its normalisation, and its export in the place of version 1."""
    folder = tmp_path_factory.mktemp("versions")
    shutil.copytree(exported.place, folder / "1")
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(32, 32, 1))
    network = ChildNetwork(GENOTYPE, skeleton, auxiliary=True)
    layer = keras.layers.Rescaling(1 / 255)
    layer.build((2, 32, 32, 1))
    changes = {"network": network, "normalization": layer, "examples": np.zeros(IMAGES, np.uint8)}
    return network, layer, export(parts, folder, frame=lambda image: image, keep=1, **changes)


def test_old_versions_go_when_told(with_auxiliary):
    *_, exported = with_auxiliary
    assert (exported.version, exported.removed) == (2, [1])
    assert serving.versions(exported.place.parent) == [2]


def test_an_auxiliary_head_is_left_out(with_auxiliary, rng):
    network, layer, exported = with_auxiliary
    images = rng.integers(0, 256, IMAGES).astype(np.uint8)
    served = tf.saved_model.load(str(exported.place)).signatures["serving_default"]
    expected = network(layer(images))["logits"]
    np.testing.assert_allclose(served(image=tf.constant(images))["logits"], expected, atol=1e-5)


def test_a_network_that_answers_otherwise_is_not_exported(parts, examples, tmp_path):
    class Unsteady(keras.layers.Layer):
        """Answers otherwise in every call."""

        def call(self, images):
            return tf.cast(images, tf.float32) + tf.random.normal(())

    unsteady = Unsteady()
    unsteady.build(examples.shape)
    with pytest.raises(Failure, match="draw at random: RandomStandardNormal"):
        export(parts, tmp_path, normalization=unsteady, examples=examples)
    assert serving.versions(tmp_path) == [] and not (tmp_path / ".draft").exists()


def test_a_supernet_is_refused_and_nothing_written(parts, examples, tmp_path):
    supernet = Supernet(space.CellSpace(num_nodes=2), SKELETON)
    with pytest.raises(TypeError, match="Only a child network"):
        export(parts, tmp_path / "export", network=supernet, examples=examples)
    assert not (tmp_path / "export").exists()


def test_an_unknown_format_is_refused_before_anything_is_written(parts, examples, tmp_path):
    with pytest.raises(ValueError, match="tflite"):
        export(parts, tmp_path / "export", examples=examples, extra_formats=("tflite",))
    assert not (tmp_path / "export").exists()
