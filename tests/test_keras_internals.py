# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the private names of Keras that are used must mean."""

import ast
import math
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import keras_internals as internals

PACKAGE = pathlib.Path(internals.__file__).parent
OF_PYTHON = {"_asdict", "_fields", "_replace", "_exit"}  # of named tuples and of os


class Pair(keras.layers.Layer):
    """A layer with a layer of its own, and a list of two."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = keras.layers.Dense(2, name="first")
        self.others = [keras.layers.Dense(2, name=name) for name in ("second", "third")]

    def call(self, inputs):
        return self.others[1](self.others[0](self.first(inputs)))


def model(layers=None, of=keras.Sequential):
    made = of([keras.Input((2,)), *(layers or [keras.layers.Dense(1, name="dense")])])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


class Hooked(internals.HookedModel):
    """Says what its hooks were called with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(1)
        self.calls, self.seen = [], []

    def call(self, inputs):
        return self.dense(inputs)

    def before_batches(self, epochs, batch):
        self.calls.append((epochs, batch))

    def reported(self, logs):
        return {"loss": -1.0}


def batches(count, size=2):
    return tf.data.Dataset.from_tensor_slices(
        (np.ones((count * size, 2), "float32"), np.ones((count * size, 1), "float32"))
    ).batch(size)


def private_attributes(node):
    """The names behind a dot that begin with one underscore, and which of them are assigned to."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and n.attr[0] == "_"]
    names = {n.attr for n in found if n.attr[:2] != "__"} - OF_PYTHON
    return names, {n.attr for n in found if isinstance(n.ctx, ast.Store)}


def test_no_other_module_uses_a_name_that_is_private_to_keras_or_hides_one():
    of_keras = set().union(
        *(dir(each) for each in (model(), Pair(), keras.metrics.Mean(), keras.optimizers.Adam()))
    )
    ours, used, hidden = set(), {}, {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem in ("keras_internals", "tensorflow_internals"):
            continue
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        names, assigned = private_attributes(tree)
        used |= {name: path.name for name in names}
        ours |= assigned
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                ours.add(node.name)
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                ours.add(node.target.id)  # a field of a data class
            if isinstance(node, ast.ClassDef) and node.bases and "import keras" in text:
                if "Callback" in ast.unparse(node.bases[0]):
                    continue
                methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
                own = private_attributes(node)[0] | {m for m in methods if m[:2] != "__"}
                hidden |= {n: node.name for n in own if n[0] == "_" and n in of_keras}
    assert hidden == {}
    assert {name: module for name, module in used.items() if name not in ours} == {}


def test_sublayers_are_all_parts_once_each():
    pair = Pair(name="pair")
    assert [layer.name for layer in internals.sublayers(pair)] == ["first", "second", "third"]
    twice = model([pair, keras.layers.Dense(2, name="last"), pair])
    names = [layer.name for layer in internals.all_sublayers(twice)]
    assert sorted(name for name in names if "input" not in name) == [
        *("first", "last", "pair", "second", "third")
    ]
    assert twice not in internals.all_sublayers(twice)


def test_a_mask_goes_with_a_tensor():
    embedding = keras.layers.Embedding(3, 2, mask_zero=True)
    for tokens in (keras.Input((2,), dtype="int32"), np.array([[1, 0]])):
        embedded = embedding(tokens)
        assert internals.mask(tokens) is None
        assert internals.mask(embedded).shape == tokens.shape
        internals.set_mask(embedded, None)
        assert internals.mask(keras.layers.ReLU()(embedded)) is None
    answer = keras.layers.GlobalAveragePooling1D()
    internals.set_mask(embedded, np.array([[True, False]]))
    np.testing.assert_array_equal(answer(embedded), embedded[:, 0])


def test_the_loss_tracker_is_what_is_reported_as_loss():
    made = model()
    logs = made.fit(batches(3), verbose=0).history
    tracker = internals.loss_tracker(made)
    assert tracker is made.metrics[0]
    assert float(tracker.result()) == pytest.approx(logs["loss"][0])
    tracker.reset_state()
    tracker.update_state(2.0, sample_weight=1)
    tracker.update_state(5.0, sample_weight=2)
    assert made.get_metrics_result()["loss"] == 4.0


def test_an_asset_lies_in_the_saved_model(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("cat\ndog\n")
    archive = keras.export.ExportArchive()
    signature = [tf.TensorSpec((2,), tf.float32)]
    archive.add_endpoint("serve", tf.function(lambda x: 2.0 * x, input_signature=signature))
    internals.attach_asset(archive, "labels", path)
    archive.write_out(str(tmp_path / "model"), verbose=False)
    path.unlink()
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert tf.io.read_file(loaded.labels.asset_path) == b"cat\ndog\n"
    assert (tmp_path / "model" / "assets" / "labels.txt").exists()


def test_the_hooks_are_called_and_what_they_return_is_reported():
    hooked = Hooked()
    hooked.compile("sgd", "mse")
    assert hooked.fit(batches(3), verbose=0).history["loss"] == [-1.0]
    assert hooked.evaluate(batches(2), verbose=0, return_dict=True) == {"loss": -1.0}
    images, labels = next(iter(batches(1)))
    hooked.train_on_batch(images, labels)
    assert [epochs is None for epochs, _ in hooked.calls] == [False, False, True]
    *of_data_sets, (_, batch) = hooked.calls
    assert [given for _, given in of_data_sets] == [None, None]
    assert batch[0] is images
    assert batch[1] is labels


def test_a_model_knows_the_strategy_that_it_was_made_under(two_replicas):
    with two_replicas.scope():
        assert internals.under_strategy(model())
    assert not internals.under_strategy(model())


def test_building_the_state_creates_all_that_a_first_batch_would():
    built, fitted = model(), model()
    before = len(built.metrics_variables)
    internals.build_state(built, (keras.KerasTensor((None, 2)), keras.KerasTensor((None, 1)), None))
    fitted.fit(batches(1), verbose=0)
    for of in (lambda m: m.metrics_variables, lambda m: m.optimizer.variables):
        assert [v.shape for v in of(built)] == [v.shape for v in of(fitted)]
    assert len(built.metrics_variables) > before
    assert built.optimizer.built


class Counting(Hooked):
    """Runs no step, but takes the batches of one and notes what Keras has counted."""

    def make_train_function(self, force=False):
        epochs, _ = self.calls[-1]

        def take(iterator):
            self.seen.append(internals.steps_seen(epochs))
            for _ in range(min(self.steps_per_execution, self.left)):
                next(iterator)
                self.left -= 1
            internals.set_steps_seen(epochs, internals.steps_seen(epochs) + self.skip)
            return {}

        self.left, self.train_function = 7, take


@pytest.mark.parametrize(("skip", "counts"), [(0, [3, 6, 9]), (4, [3])])
def test_keras_counts_a_block_before_it_is_run_and_ends_the_epoch_by_the_count(skip, counts):
    counting = Counting()
    counting.skip = skip
    counting.compile("sgd", "mse", steps_per_execution=3)
    counting.fit(batches(7), verbose=0)
    assert counting.seen == counts
    (epochs, _) = counting.calls[0]
    assert internals.steps_per_epoch(epochs) == 7


def test_the_number_of_batches_is_that_of_the_data_set():
    counting = Counting()
    counting.skip = 0
    counting.compile("sgd", "mse")

    def generated():
        yield from batches(7)

    data_sets = {7: batches(7), math.inf: batches(7).repeat(), None: generated()}
    for data in data_sets.values():
        counting.fit(data, steps_per_epoch=2, verbose=0)
    found = [internals.num_batches(epochs) for epochs, _ in counting.calls]
    assert found == list(data_sets)


def test_metrics_by_name_have_variables_once_they_are_built():
    made = model()
    assert [metric.name for metric in made.metrics[1:]] == ["compile_metrics"]
    count = len(made.metrics_variables)
    for _ in range(2):
        internals.build_metrics(made, keras.KerasTensor((None, 1)), keras.KerasTensor((None, 1)))
        assert len(made.metrics_variables) == count + 2
    made.compile("sgd", "mse")
    internals.build_metrics(made, None, None)  # has none


def test_the_first_batch_of_the_epochs_is_that_of_the_data():
    first = []

    class Looking(Counting):
        def before_batches(self, epochs, batch):
            super().before_batches(epochs, batch)
            first.append(internals.first_batch(epochs))

    looking = Looking()
    looking.skip = 0
    looking.compile("sgd", "mse")
    looking.fit(batches(2), steps_per_epoch=1, verbose=0)
    np.testing.assert_array_equal(first[0][0], np.ones((2, 2)))
