# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every format answers as the Keras network does, by the format's own runtime."""

import os
import runpy
import subprocess
import sys

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, data, space
from snas_tf.errors import Failure, InvalidInput
from snas_tf.serving import formats
from snas_tf.serving.formats import conversion, litert, onnx_format

DEPRECATED = r"ignore:\s*Warning. tf.lite.Interpreter is deprecated"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(DEPRECATED)]

TINY = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(6, 6, 1))
POOLING = space.Genotype(
    {"normal": (), "reduction": [space.Connection(1, 2, "max_pool_3x3")]}, num_nodes=1
)


def all_primitives():
    """Both kinds of cell have every operation, also on the edges that may have stride 2."""
    edges = space.CellSpace(num_nodes=4).edges
    operations = space.PRIMITIVES[1:]
    records = [
        (source, node, operations[position % len(operations)])
        for chosen in ([e for e in edges if e.source < 2], [e for e in edges if e.source >= 2])
        for position, (source, node) in enumerate(chosen)
    ]
    genotype = space.Genotype({"normal": records, "reduction": records})
    for from_inputs in (True, False):
        there = {
            c.operation for c in genotype.connections("normal") if (c.source < 2) == from_inputs
        }
        assert len(there) == (len(operations) if from_inputs else 6)
    return genotype


def normalization_of(shape):
    layer = keras.layers.Normalization(
        mean=[90.0, 120.0, 140.0][: shape[-1]],
        variance=[2500.0, 3600.0, 4900.0][: shape[-1]],
        dtype="float32",
    )
    layer.build((None, *shape))
    return layer


def probabilities_of(network, normalization, images):
    logits = tf.function(network)(normalization(images), training=False)
    return tf.nn.softmax(logits).numpy()


def images_of(shape, rng, size=40):
    """Noise, brighter in some images than in others."""
    brightness = rng.random((size, 1, 1, shape[-1]))
    return (brightness * rng.integers(0, 256, (size, *shape))).astype(np.uint8)


def lively(network, normalization, images, rng):
    """Statistics and shifts as after a training: activations neither die nor explode."""
    for weight in network.weights:
        if weight.path.endswith("beta"):
            weight.assign(rng.normal(0, 0.1, weight.shape))
    network.refresh_statistics([normalization(images)])


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def images(digits):
    """{part: (images, labels)}."""
    parts = {}
    for part in ("train", "test"):
        split = getattr(digits, part)
        (parts[part],) = split.keys(None).batch(split.size).map(split.reader()).as_numpy_iterator()
    return parts


@pytest.fixture(scope="module")
def trained(digits, images):
    """A network with all primitives that knows its digits, and its normalisation."""
    keras.utils.set_random_seed(0)
    skeleton = space.Skeleton(num_cells=3, init_channels=8, num_classes=10, image_shape=(8, 8, 1))
    network = ChildNetwork(all_primitives(), skeleton)
    network.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    layer = data.normalization(digits)
    pixels, labels = images["train"]
    network.fit(layer(pixels).numpy(), labels, batch_size=64, epochs=8, verbose=0)
    return network, layer


@pytest.fixture(scope="module")
def expected(trained, images):
    pixels, labels = images["test"]
    probabilities = probabilities_of(*trained, pixels)
    assert accuracy(probabilities, labels) > 0.93
    return probabilities


@pytest.fixture(scope="module")
def files(trained, images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    examples = images["train"][0][:200]
    return {name: formats.convert(name, *trained, folder, examples) for name in formats.FORMATS}


@pytest.fixture
def tiny(rng):
    """A network that is converted in a second, its normalisation, and images."""
    layer, pixels = normalization_of(TINY.image_shape), images_of(TINY.image_shape, rng)
    network = ChildNetwork(POOLING, TINY)
    lively(network, layer, pixels, rng)
    return network, layer, pixels


def accuracy(probabilities, labels):
    return np.mean(probabilities.argmax(-1) == labels)


@pytest.mark.parametrize("name", ["litert", "onnx"])
def test_float_formats_give_the_same_probabilities(name, files, images, expected):
    predict = formats.predictor(files[name])
    pixels = images["test"][0]
    for size in (1, 3, 32, len(pixels)):
        answer = predict(pixels[:size])
        assert answer.dtype == np.float32
        np.testing.assert_allclose(answer, expected[:size], atol=1e-5)
        np.testing.assert_array_equal(answer.argmax(-1), expected[:size].argmax(-1))


def test_int8_keeps_the_accuracy_and_is_smaller(files, images, expected):
    predict = formats.predictor(files["litert_int8"])
    pixels, labels = images["test"]
    answer = predict(pixels)
    assert answer.dtype == np.float32
    assert accuracy(answer, labels) >= accuracy(expected, labels) - 0.02
    assert np.mean(answer.argmax(-1) == expected.argmax(-1)) > 0.97
    assert files["litert_int8"].stat().st_size < 0.8 * files["litert"].stat().st_size
    for size in (1, 3, 32):
        np.testing.assert_array_equal(predict(pixels[:size]), answer[:size])


def test_int8_takes_pixels_as_they_are_and_computes_in_integers(files):
    assert_integer(files["litert_int8"], least_kernels=70)


def test_int8_takes_pixels_as_they_are_also_where_the_examples_are_dim(tiny, tmp_path):
    network, layer, pixels = tiny
    dim = 50 + pixels // 4
    assert_integer(formats.convert("litert_int8", network, layer, tmp_path, dim))


def assert_integer(path, least_kernels=1):
    interpreter = tf.lite.Interpreter(
        str(path),  # as it was written, before an accelerator takes its share
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
    )
    (entry,) = interpreter.get_input_details()
    assert entry["dtype"] == np.uint8 and entry["quantization"] == (1.0, 0)
    tensors = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    kernels = 0
    for operation in interpreter._get_ops_details():
        reads = [tensors[index] for index in operation["inputs"] if index >= 0]
        writes = [tensors[index] for index in operation["outputs"]]
        if operation["op_name"] != "ARG_MAX":  # of the logits, which come out as float32
            assert all(tensor["dtype"] != np.float32 for tensor in reads), operation
        if operation["op_name"] != "DEQUANTIZE":
            assert all(tensor["dtype"] != np.float32 for tensor in writes), operation
        if operation["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            kernel = reads[1]
            channels = kernel["shape"][0 if operation["op_name"] == "CONV_2D" else -1]
            assert kernel["dtype"] == np.int8
            assert kernel["quantization_parameters"]["scales"].size == channels
            kernels += 1
    assert kernels >= least_kernels


@pytest.mark.parametrize("name", formats.FORMATS)
def test_inputs_and_outputs_are_called_as_the_saved_models(name, files, images, expected):
    pixels = images["test"][0][:7]
    if name == "onnx":
        session = onnxruntime.InferenceSession(str(files[name]))
        (entry,) = session.get_inputs()
        assert (entry.name, entry.type) == ("image", "tensor(uint8)")
        assert entry.shape == ["batch", 8, 8, 1]
        outputs = [output.name for output in session.get_outputs()]
        answers = dict(zip(outputs, session.run(None, {"image": pixels}), strict=True))
    else:
        interpreter = tf.lite.Interpreter(str(files[name]))
        (entry,) = interpreter.get_input_details()
        assert entry["dtype"] == np.uint8 and [*entry["shape_signature"]] == [-1, 8, 8, 1]
        answers = interpreter.get_signature_runner("serving_default")(image=pixels)
    assert {key: (value.dtype, value.shape) for key, value in answers.items()} == {
        "class_id": (np.int64, (7,)),
        "logits": (np.float32, (7, 10)),
        "probabilities": (np.float32, (7, 10)),
    }
    np.testing.assert_array_equal(answers["class_id"], expected[:7].argmax(-1))
    np.testing.assert_array_equal(answers["class_id"], answers["logits"].argmax(-1))


@pytest.mark.parametrize(
    ("genotype", "policy", "shape"),
    [("SNAS_MILD", "mixed_bfloat16", (9, 7, 3)), ("SNAS_AGGRESSIVE", "float32", (8, 8, 1))],
)
def test_published_networks_agree_in_all_formats(genotype, policy, shape, rng, tmp_path):
    """Odd resolutions, an empty node and an unused input, and mixed precision are among them."""
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=4, image_shape=shape)
    layer, pixels = normalization_of(shape), images_of(shape, rng)
    exact = ChildNetwork(space.PUBLISHED[genotype], skeleton)
    lively(exact, layer, pixels, rng)
    network = ChildNetwork(space.PUBLISHED[genotype], skeleton, dtype=policy)
    network.take_weights(exact)
    expected = probabilities_of(exact, layer, pixels)
    assert expected.std(axis=0).min() > 0.01
    for name in formats.FORMATS:
        path = formats.convert(name, network, layer, tmp_path, pixels)
        answer = formats.predictor(path)(pixels)
        if name == "litert_int8":  # of random weights, where single answers round far
            difference = np.abs(answer - expected)
            assert difference.mean() < 0.02 and difference.max() < 0.15
        else:
            np.testing.assert_allclose(answer, expected, atol=1e-5, err_msg=name)
    assert_integer(tmp_path / formats.FILES["litert_int8"])
    assert network.dtype_policy.name == policy


@pytest.mark.parametrize("name", formats.FORMATS)
def test_the_same_network_gives_the_same_bytes(name, tiny, tmp_path):
    network, layer, pixels = tiny
    before = probabilities_of(network, layer, pixels)
    contents = [
        formats.convert(name, network, layer, tmp_path, pixels).read_bytes() for _ in range(2)
    ]
    assert contents[0] == contents[1]
    assert [entry.name for entry in tmp_path.iterdir()] == [formats.FILES[name]]
    np.testing.assert_array_equal(probabilities_of(network, layer, pixels), before)


def test_nothing_is_told_on_the_terminal(tiny, tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    network, layer, pixels = tiny
    formats.predictor(formats.convert("litert_int8", network, layer, tmp_path, pixels))
    assert capfd.readouterr().err == ""


def test_unknown_formats_are_refused():
    formats.check(formats.FORMATS)
    formats.check(())
    with pytest.raises(InvalidInput, match="some of litert, litert_int8, onnx: given 'tflite'"):
        formats.check(["onnx", "tflite"])


@pytest.mark.parametrize("package", ["onnx", "tf2onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_the_remedy(package, tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    formats.check(["litert", "litert_int8"])
    remedy = rf'needs the package {package}, .* do `pip install "snas-tf\[onnx\]"`'
    with pytest.raises(InvalidInput, match=remedy):
        formats.check(["litert", "onnx"])
    network, layer, pixels = tiny
    with pytest.raises(InvalidInput, match=remedy):
        formats.convert("onnx", network, layer, tmp_path, pixels)
    assert not [*tmp_path.iterdir()]
    for module in (conversion, litert, onnx_format):
        runpy.run_path(module.__file__)  # as they are imported where the package is not there


def test_a_converter_that_gives_up_is_one_line(tiny, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no such operation\n" + 999 * "and a long traceback ")

    monkeypatch.setattr(litert, "convert_float", fail)
    network, layer, pixels = tiny
    with pytest.raises(Failure, match="to 'litert': RuntimeError: no such operation and") as told:
        formats.convert("litert", network, layer, tmp_path, pixels)
    assert "do leave it out" in str(told.value) and len(str(told.value)) < 500
    assert not [*tmp_path.iterdir()]


def test_a_full_disk_leaves_no_part_of_a_file(tiny, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(litert, "convert_float", lambda *_: b"content")
    monkeypatch.setattr(conversion.os, "fsync", full)
    network, layer, pixels = tiny
    with pytest.raises(OSError, match="No space left"):
        formats.convert("litert", network, layer, tmp_path, pixels)
    assert not [*tmp_path.iterdir()]


def test_examples_of_another_shape_than_the_networks_are_refused(tiny, tmp_path):
    network, layer, pixels = tiny
    for wrong in (pixels[:0], pixels[:, :4]):
        with pytest.raises(ValueError, match=r"must be \(size, 6, 6, 1\), one at least"):
            formats.convert("litert", network, layer, tmp_path, wrong)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_images_of_another_kind_are_refused(name, files, images):
    predict = formats.predictor(files[name])
    pixels = images["test"][0][:2]
    for wrong in (pixels[:, :4], pixels[0], pixels.astype(np.float32)):
        with pytest.raises(Exception, match="(?i)must be|invalid|cannot set tensor"):
            predict(wrong)


@pytest.mark.parametrize("name", ["litert", "onnx"])
def test_a_file_that_is_none_of_the_format_fails_clearly(name, tmp_path):
    path = tmp_path / formats.FILES[name]
    path.write_bytes(b"no model" * 99)
    with pytest.raises(Failure, match="cannot be run by"):
        formats.predictor(path)


def test_what_tensorflow_may_say_later_is_not_changed_by_the_converters(tmp_path):
    """In a process of its own, which imports them for the first time."""
    program = (
        "import os, pathlib, sys, keras, numpy as np;"
        "os.environ.pop('TF_CPP_MIN_LOG_LEVEL', None);"
        "from snas_tf import ChildNetwork, space; from snas_tf.serving import formats;"
        "skip = (space.Connection(1, 2, 'skip_connect'),);"
        "genotype = space.Genotype({'normal': skip, 'reduction': skip}, num_nodes=1);"
        "skeleton = space.Skeleton(num_cells=1, init_channels=2, num_classes=2,"
        " image_shape=(4, 4, 1));"
        "layer = keras.layers.Rescaling(1 / 255); layer.build((None, 4, 4, 1));"
        "network = ChildNetwork(genotype, skeleton);"
        "images = np.zeros((1, 4, 4, 1), np.uint8);"
        "formats.convert('onnx', network, layer, pathlib.Path(sys.argv[1]), images);"
        "assert 'TF_CPP_MIN_LOG_LEVEL' not in os.environ"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    answer = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
