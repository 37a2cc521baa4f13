# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What was saved loads in a fresh process after `import snas_tf`, whatever keras.json says."""

import importlib
import importlib.metadata
import json
import os
import pkgutil
import subprocess
import sys

import keras
import numpy as np
import pytest

import snas_tf
from snas_tf import ChildNetwork, saved_classes, space
from tests.search.small_models import CROSS_ENTROPY, build_compiled

OTHER = {"floatx": "float16", "epsilon": 0.01, "image_data_format": "channels_first"}
SKELETON = space.Skeleton(num_cells=3, init_channels=4, num_classes=10, image_shape=(32, 32, 1))
GENOTYPE = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "max_pool_3x3")),
        "reduction": ((0, 2, "dil_conv_3x3"), (1, 2, "skip_connect")),
    },
    num_nodes=1,
)
LOADING = """
import sys
import snas_tf

assert not {"keras", "tensorflow"} & {*sys.modules}
import keras, numpy

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float32")
assert "snas_tf.networks" not in sys.modules
assert keras.config.floatx() == "float16"
images = numpy.load("images.npy")
child = keras.models.load_model("child.keras")
for part, answer in child(images).items():
    numpy.save(part, answer)
search = keras.models.load_model("search.keras")
numpy.save("search", search(images[:, :8, :8]))
print(type(child) is snas_tf.ChildNetwork, type(search) is snas_tf.Snas)
print(search.supernet.dtype_policy.name, search.optimizer.built)
new = snas_tf.ChildNetwork(child.genotype, child.skeleton, auxiliary=True)
new.take_weights(child)
numpy.save("new", new(images, training=True)["auxiliary"])
numpy.save("predicted", child.predict(images, verbose=0)["logits"])
labels = numpy.arange(len(images)) % 10
losses = [search.fit(images[:, :8, :8], labels, verbose=0).history["loss"][0]]
losses += [search.evaluate(images[:, :8, :8], labels, verbose=0)[0]]
child.compile("sgd", {"logits": CROSS_ENTROPY, "auxiliary": CROSS_ENTROPY})
losses += child.evaluate(images, {"logits": labels, "auxiliary": labels}, verbose=0)
numpy.save("losses", losses)
assert keras.config.floatx() == "float16"

from snas_tf import config
from snas_tf.machine import runtime

settings = config.get_config()
settings.runtime.update(inter_op_threads=0, intra_op_threads=0)  # it is too late to set them
runtime.configure(settings)
print(keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format())
"""


def run(program, folder, keras_json, **environment):
    home = folder / "keras_home"
    home.mkdir()
    (home / "keras.json").write_text(json.dumps(keras_json))
    inherited = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={
            **inherited,
            "KERAS_HOME": str(home),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_every_class_that_is_registered_has_its_stand_in():
    for module in pkgutil.walk_packages(snas_tf.__path__, "snas_tf."):
        if "cpp_loader_program" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    prefix = f"{saved_classes.PACKAGE}>"
    known = keras.saving.get_custom_objects()
    registered = {name.removeprefix(prefix) for name in known if name.startswith(prefix)}
    assert registered == {*saved_classes.MODULES, *saved_classes.SPACES}
    for name, module in saved_classes.MODULES.items():
        assert isinstance(known[prefix + name], type), f"{module} does not register {name}"


def test_a_stand_in_makes_what_the_class_makes():
    stand_in = saved_classes.StandIn("snas_tf>Classifier", "snas_tf.layers")
    made = stand_in(3, name="classifier")
    assert stand_in.from_config(made.get_config()).get_config() == made.get_config()


@pytest.mark.slow
def test_a_fresh_process_loads_what_was_saved_and_a_keras_json_changes_nothing(tmp_path, rng):
    images = rng.normal(size=(3, 32, 32, 1)).astype("float32")
    np.save(tmp_path / "images.npy", images)
    child = ChildNetwork(GENOTYPE, SKELETON, auxiliary=True)
    child.save(tmp_path / "child.keras")
    search = build_compiled(logits=1.0)
    search.save(tmp_path / "search.keras")
    result = run(LOADING, tmp_path, OTHER)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [
        *("True", "True", "float32", "True"),
        *("float32", "1e-07", "channels_last"),  # a run of the command line
    ]
    expected = {**child(images), "search": search(images[:, :8, :8])}
    expected["predicted"] = expected["logits"]
    labels = np.arange(len(images)) % 10
    losses = [search.fit(images[:, :8, :8], labels, verbose=0).history["loss"][0]]
    losses += [search.evaluate(images[:, :8, :8], labels, verbose=0)[0]]
    child.compile("sgd", {"logits": CROSS_ENTROPY, "auxiliary": CROSS_ENTROPY})
    losses += child.evaluate(images, {"logits": labels, "auxiliary": labels}, verbose=0)
    # A loss and a learning rate that were made outside of these models are of float16 there.
    np.testing.assert_allclose(np.load(tmp_path / "losses.npy"), losses, rtol=1e-3)
    expected["new"] = child(images, training=True)["auxiliary"]
    for name, answer in expected.items():
        found = np.load(tmp_path / f"{name}.npy")
        assert found.dtype == np.float32, name
        np.testing.assert_allclose(found, answer, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_in_keras_json_is_told_in_one_line(backend, tmp_path):
    program = """
import snas_tf
try:
    snas_tf.Snas
except ImportError as error:
    print(error)
"""
    result = run(program, tmp_path, {"backend": backend})
    assert result.stdout == (
        f"snas_tf needs Keras on TensorFlow, but its backend is {backend!r}, as KERAS_BACKEND or "
        "keras.json says. Run: export KERAS_BACKEND=tensorflow\n"
    ), result.stderr


@pytest.mark.parametrize("found", ["3.14.2", "3.16.0", "4.0.0rc1", None])
def test_a_version_that_was_not_tested_is_told_with_the_remedy(found, monkeypatch):
    version = importlib.metadata.version

    def other(package):
        if package != "keras":
            return version(package)
        if found is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return found

    monkeypatch.setattr(importlib.metadata, "version", other)
    with pytest.raises(ImportError) as told:
        snas_tf.check_environment()
    assert str(told.value) == (
        f"snas_tf needs keras>=3.15,<3.16 (here: {found or 'not installed'}). "
        "Run: pip install 'keras>=3.15,<3.16'"
    )


def test_the_environment_of_the_tests_is_one_that_was_tested():
    snas_tf.check_environment()
