# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A Keras model in a file as a problem: what programs may ask of it, and what is refused."""

import sys
import textwrap
import types

import keras
import numpy as np
import pytest

from snas_tf import config, networks
from snas_tf.errors import InvalidInput
from snas_tf.programs import problems
from snas_tf.runs.run_directory import RunDirectory

NOT_COMPUTING = (keras.layers.InputLayer, keras.Sequential)

SIZES = types.SimpleNamespace(num_classes=2, image_shape=(6,))

MODEL = """
import keras
from keras import layers
import snas_tf
from beside import UNITS

@keras.saving.register_keras_serializable()
class Scale(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.scale

def build():
    x = inputs = keras.Input((6,))
    x = Scale()(x)
    x = snas_tf.Choice({"norm": layers.BatchNormalization(), "none": layers.Identity()})(x)
    x = layers.Dense(snas_tf.OneOf(5, 3), "relu", name="first")(x)
    block = keras.Sequential([layers.Dense(UNITS, "relu"), layers.Dense(4)])
    x = snas_tf.Choice([block, layers.Dense(4)], name="width")(x)
    return keras.Model(inputs, layers.Dense(2)(x))

def of(layer, shape=(6,)):
    x = inputs = keras.Input(shape)
    x = snas_tf.Choice({"a": layers.Dense(4), "b": layers.Dense(4)}, name="c")(x)
    return keras.Model(inputs, layer(x))

def probable(): return of(layers.Dense(2, "softmax"))
def any_length(): return of(layers.Dense(2), (None, 6))
def closed(): return keras.Sequential([keras.Input((6,)), layers.Dense(2)])
def nothing(): return None
def needs(size): return size
def fails(): raise KeyError("what is\\nmissing")
def anonymous(): return of(layers.Lambda(lambda x: x))
NUMBER = 3
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "beside.py").write_text("UNITS = 8\n")
    path = tmp_path / "my_model.py"
    path.write_text(textwrap.dedent(MODEL))
    yield path
    sys.modules.pop("beside", None)


def settings(file, function="build", **changes):
    found = config.get_config()
    found.space.update({"name": "keras", "model": f"{file}:{function}", **changes})
    config.check(found)
    return found


@pytest.fixture
def problem(file):
    return problems.of(settings(file), "search", SIZES)


def test_its_names_are_the_same_whatever_was_made_before(file, problem):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    assert (
        [d.name for d in problem.space.decisions]
        == ["choice", "first_units", "width"]
        == [*problem.uses]
    )
    assert problem.space.decisions[2].options == ("sequential_0", "dense_1")
    # Another content is another file, which is run anew.
    file.write_text(file.read_text() + "\n# nothing more\n")
    assert problems.of(settings(file), "search", SIZES).space == problem.space


def test_a_config_is_checked_without_running_the_file(file):
    file.write_text("raise SystemExit\ndef build(): ...\n")
    settings(file)


def test_child_and_supernet_answer_alike_and_cost_what_is_said(problem):
    supernet = problem.searchable(config.get_config())
    rows = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    architecture = problem.space.sample(np.random.default_rng(3))
    child = supernet.child(architecture)
    assert isinstance(child, networks.ImageNetwork) and child.genotype == architecture
    samples = problem.space.encode(architecture)
    np.testing.assert_allclose(child(rows), supernet(rows, samples, one_hot=True), atol=1e-6)
    assert child.cost == problem.cost(architecture)
    weights = sum(np.prod(weight.shape) for weight in child.trainable_weights)
    assert child.cost.parameters == weights
    table = problem.costs()
    found = {
        name: table.fixed[k] + sum((samples[d] * table.tables[d][..., k]).sum() for d in samples)
        for k, name in enumerate(table.names)
    }
    assert found["parameters"] >= weights and found["multiply_adds"] >= child.cost.multiply_adds
    problem.refuse_other(child)


def test_what_it_found_is_saved_and_written_in_keras_own_layers(problem, tmp_path):
    architecture = problem.space.sample(np.random.default_rng(1))
    child = problem.child(architecture, drop_path_steps=3, seed=5)
    child.save(tmp_path / "child.keras")
    loaded = keras.saving.load_model(tmp_path / "child.keras")
    rows = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    np.testing.assert_array_equal(loaded(rows), child(rows))
    assert (loaded.genotype, loaded.skeleton) == (child.genotype, child.skeleton)
    plain = child.to_keras(mean=[1.0] * 6, deviation=[2.0] * 6, unit=1.0, class_names=["a", "b"])
    np.testing.assert_allclose(plain(2 * rows + 1), child(rows), atol=1e-5)
    assert not any(type(layer).__module__.startswith("snas_tf.") for layer in plain.layers)


def test_in_mixed_precision_what_the_user_keeps_in_float32_stays(file):
    source = file.read_text().replace(
        "layers.Dense(2)(x))\n\ndef of", "layers.Dense(2, dtype='float32')(x))\n\ndef of"
    )
    file.write_text(source)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        problem = problems.of(settings(file), "search", SIZES)
        child = problem.child(problem.space.sample(np.random.default_rng(0)))
        kinds = {layer.compute_dtype for layer in child.layers}
        assert kinds == {"bfloat16", "float32"} and child.layers[-1].compute_dtype == "float32"
        again = type(child).from_config(child.get_config())
        assert [x.compute_dtype for x in again.layers] == [x.compute_dtype for x in child.layers]
        wide = child.alike(dtype="float32")
        computing = [layer for layer in wide.layers if not isinstance(layer, NOT_COMPUTING)]
        assert {layer.compute_dtype for layer in computing} == {"float32"}
    finally:
        keras.config.set_dtype_policy(before)
    other = problems.of(settings(file), "train", SIZES)
    other.refuse_other(child)  # the same model in another dtype


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("probable", "must answer logits"),
        ("any_length", "must say the shape of an example"),
        ("closed", "must hold a layer that leaves something open"),
        ("nothing", "which gives NoneType"),
        ("needs", "no function without arguments"),
        ("NUMBER", "no function without arguments"),
        ("fails", "line 34, KeyError: 'what is\\nmissing'"),
        ("anonymous", "that Keras can save"),
    ],
)
def test_functions_that_give_no_such_model_are_refused_in_a_line(file, function, told):
    problem = problems.of(settings(file, function), "search", SIZES)
    with pytest.raises(InvalidInput, match="`--config.space.model`|leaves something open") as error:
        _ = problem.space
    assert told in str(error.value) and "\n" not in str(error.value)


def test_a_model_for_other_data_is_refused_with_both_shapes(file):
    other = types.SimpleNamespace(num_classes=3, image_shape=(7,))
    problem = problems.of(settings(file), "search", other)
    assert problem.space  # needs no data
    with pytest.raises(InvalidInput, match=r"from \(7,\) to 3 logits.* from \(6,\) to \(2,\)"):
        problem.searchable(config.get_config())


@pytest.mark.parametrize("given", ["", "my_model.py", "model:build", "none.py:build"])
def test_what_is_no_file_with_a_function_is_refused_by_the_key(given):
    found = config.get_config()
    found.space.update({"name": "keras", "model": given})
    with pytest.raises(InvalidInput, match="`--config.space.model` must be <file>.py:<function>"):
        config.check(found)


def test_wrong_files_are_refused_before_they_are_run(file):
    with pytest.raises(InvalidInput, match="has no 'other' but .*build"):
        settings(file, "other")
    file.write_text("def build(:\n")
    with pytest.raises(InvalidInput, match="no Python: line 1"):
        settings(file)


def test_what_only_cells_have_is_refused_by_the_key(problem, file):
    architecture = problem.space.sample(np.random.default_rng(0))
    for option, key in (("auxiliary", "auxiliary_weight"), ("drop_path", "drop_path")):
        with pytest.raises(InvalidInput, match=f"`--config.train.{key}` must be 0"):
            problem.child(architecture, **{option: 0.5})
    with pytest.raises(InvalidInput, match="`--config.train.synchronized_batch_norm`"):
        problem.child(architecture, synchronized_batch_norm=True)
    with pytest.raises(InvalidInput, match="`--config.space.num_nodes` must be left out"):
        settings(file, num_nodes=3)


def test_latencies_of_options_are_measured_kept_and_minded(problem, tmp_path):
    rng = np.random.default_rng(0)
    found = [problem.space.sample(rng) for _ in range(2)]
    problem.check_latency()
    rounds = []
    table, taken = problem.measure_latency(
        [problem.child(one) for one in found], 2, 2, lambda *done: rounds.append(done)
    )
    assert rounds == [(1, 2), (2, 2)] and len(taken) == 2 and min(taken) > 0
    headings, lines = problem.latency_overview(table)
    assert {len(headings)} == {len(line) for line in lines} and len(lines) == 6
    (tmp_path / "table.json").write_text(table.to_json())
    costs = problem.costs(str(tmp_path / "table.json"))
    assert costs.names == ("parameters", "multiply_adds", "latency")
    costs.check(problem.space)
    for one in found:
        told = costs.cost(problem.space.encode(one))
        assert told["latency"] == pytest.approx(problem.latency(one, table))
        assert told["parameters"] >= problem.cost(one).parameters
    with pytest.raises(InvalidInput, match="must be of the device 'another'"):
        problem.costs(str(tmp_path / "table.json"), "another")
    with pytest.raises(InvalidInput, match="a latency table of --mode=latency"):
        problem.costs(str(tmp_path / "none.json"))


def test_a_run_is_bound_to_the_file(file, tmp_path):
    begun = settings(file)
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("search", begun)
        recorded = problems.recorded_space(directory)
        assert recorded == problems.of(begun, "search", SIZES).space
        problems.prepare(directory)
        file.write_text(file.read_text().replace('"norm"', '"normalised"'))
        for ask in (problems.recorded_space, problems.prepare):
            with pytest.raises(InvalidInput, match="is another one now"):
                ask(directory)
        with pytest.raises(InvalidInput, match="the file of the model is"):
            directory.check("search", begun)
        with pytest.raises(InvalidInput, match="the file of the model is"):
            directory.check("train", begun)
