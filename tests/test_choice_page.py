# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/choice.md, as they are written."""

import pathlib
import re

import keras
import numpy as np
import pytest

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "choice.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    """What the first example defines, on which the second goes on."""
    return ran(0, {"directory": tmp_path_factory.mktemp("choice")})


def ran(number, variables):
    source = EXAMPLES[number].replace('save("', 'save(directory / "')
    exec(compile(source, f"{PAGE}, example {number}", "exec"), variables)
    return variables


def test_a_network_for_digits_is_found_and_keeps_its_accuracy(variables):
    test = variables["test"]
    found, search = variables["found"], variables["search"]
    assert found.evaluate(*test, verbose=0)[1] > 0.9
    np.testing.assert_allclose(
        found.predict(test[0], verbose=0), search.predict(test[0], verbose=0), atol=1e-4
    )
    told = search.architecture.describe()
    assert all(name in told for name in ("kernel", "separable5", "depth", "pooling"))
    assert not any("Choice" in type(layer).__name__ for layer in found.layers)


def test_sizes_are_left_open():
    network = ran(1, ran_imports())["sizes"]
    decisions = [decision.name for decision in network.space.decisions]
    assert decisions == ["width", "first_kernel_size", "hidden_units"]


def test_a_budget_is_kept_to_the_weight(variables):
    defined = ran(2, variables)
    small, network = defined["small"], defined["network"]
    rows = network.space.encode(small.genotype())
    weights = sum(np.prod(weight.shape) for weight in small.child().trainable_weights)
    assert weights <= 4000
    table = {name: (rows[name] * network.costs.tables[name][..., 0]).sum() for name in rows}
    assert weights == network.costs.fixed[0] + sum(table.values())


def test_milliseconds_are_a_cost_like_others(variables):
    defined = ran(3, variables)
    assert defined["quick"].limits[0].name == "latency"
    assert {*defined["milliseconds"]} == {*defined["network"].costs.tables}


def test_evolution_takes_the_same_network(variables):
    result = ran(4, variables)["result"]
    assert len(result.trials) == 12 and not result.failed
    found = variables["search"].supernet.space.encode(result.best.architecture)
    assert found.keys() == {"kernel", "depth", "last_filters", "pooling"}
    assert result.best.metrics["accuracy"] > 0.5


def test_a_network_for_a_table_is_found():
    defined = ran(5, ran_imports())
    rows, labels = defined["test"]
    answers = defined["found"](rows).numpy()[:, 0]
    assert ((answers > 0) == labels).mean() > 0.9


def test_a_network_for_series_is_found_whose_padding_counts_for_nothing():
    defined = ran(6, ran_imports())
    rows, labels = defined["test"]
    answers = defined["found"](rows).numpy()
    assert (answers.argmax(1) == labels).mean() > 0.7
    padded = np.concatenate([rows, np.zeros((len(rows), 3, 8))], axis=1)
    found = keras.models.clone_model(
        defined["found"], input_tensors=keras.Input((None, 8)), clone_function=lambda layer: layer
    )
    np.testing.assert_allclose(found(padded), answers, atol=1e-5)


def test_a_model_with_a_call_of_its_own_is_searched():
    defined = ran(8, ran_imports())
    own = defined["own"]
    own.compile(loss="mean_squared_error")
    x = np.random.default_rng(0).normal(size=(8, 10)).astype("float32")
    own.fit(x, x, verbose=0)
    np.testing.assert_allclose(own.predict(x, verbose=0), own.child()(x), atol=1e-5)


def ran_imports():
    variables = {}
    exec("import keras\nfrom keras import layers\nimport snas_tf", variables)
    return variables
