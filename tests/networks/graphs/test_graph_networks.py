# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What must hold of graph networks: equivariance, padding, child and supernet, saving, refusals."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.networks import GraphNetwork, GraphSupernet
from tests.graph_batches import EDGE_FEATURES, NODE_FEATURES, batched, drawn, renumbered

SEARCHED = space.GraphSpace(2, 1, ("none", "identity", "sum", "max"), ("none", "identity", "cat"))
every_task = pytest.mark.parametrize("task", space.TASKS)


def skeleton(task, **values):
    features = (NODE_FEATURES, EDGE_FEATURES)
    return space.GraphSkeleton(task, 3, *features, **{"width": 6, "edge_width": 4, **values})


@functools.cache
def supernet(task, edge_states=True):
    """Weights, and running statistics, that no initializer makes."""
    keras.utils.set_random_seed(1)
    network = GraphSupernet(SEARCHED, skeleton(task, edge_states=edge_states))
    rng = np.random.default_rng(2)
    for variable in network.variables:
        if "moving" in variable.path:
            variable.assign(rng.uniform(0.02, 0.1, variable.shape))
    return network


def samples(seed=0, searched=SEARCHED):
    rng = np.random.default_rng(seed)
    return {
        d.name: tf.constant(rng.dirichlet(np.ones(d.shape[1]), d.shape[0]), tf.float32)
        for d in searched.decisions
    }


def answer(network, graphs, *sizes, rows=None):
    rows = samples() if rows is None else rows
    return network(batched(graphs, *sizes), rows).numpy()


@every_task
def test_it_follows_the_numbers_of_nodes_and_the_order_of_edges(task):
    graphs, rng = drawn(sizes=((5, 9),)), np.random.default_rng(7)
    other, number, order = renumbered(graphs[0], rng)
    before, after = (answer(supernet(task), [g])[0] for g in (graphs[0], other))
    if task == "node":
        after = after[number]
    elif task == "edge":
        before = before[order]
    np.testing.assert_allclose(before, after, atol=1e-5)
    assert np.abs(before).max() > 0.01


@every_task
def test_a_batch_is_its_graphs_one_by_one_and_padding_changes_nothing(task):
    graphs, network = drawn(), supernet(task)
    together = answer(network, graphs)
    further = answer(network, graphs, 8, 13)
    for index, graph in enumerate(graphs):
        alone = answer(network, [graph])
        if task == "graph":
            np.testing.assert_allclose(together[index], alone[0], atol=1e-5)
            np.testing.assert_allclose(further[index], alone[0], atol=1e-5)
            continue
        count = len(graph[f"{task}s"])
        np.testing.assert_allclose(together[index, :count], alone[0, :count], atol=1e-5)
        np.testing.assert_allclose(further[index, :count], alone[0, :count], atol=1e-5)
        assert not further[index, count:].any()


def test_what_lies_beyond_a_graph_is_not_looked_at():
    batch = batched(drawn(), 8, 13)
    rng = np.random.default_rng(3)
    for name in ("nodes", "edges", "sources", "targets"):
        counts = batch["num_nodes" if name == "nodes" else "num_edges"]
        for row, count in zip(batch[name], counts, strict=True):
            row[count:] = rng.integers(-9, 99, row[count:].shape)
    found = supernet("node")(batch, samples())
    np.testing.assert_array_equal(found, answer(supernet("node"), drawn(), 8, 13))


@pytest.mark.parametrize("training", [False, True])
def test_graphs_without_edges_and_batches_without_rows_stay_finite(training):
    keras.utils.set_random_seed(1)
    network = GraphSupernet(SEARCHED, skeleton("graph"))
    lonely = batched(drawn(sizes=((3, 0), (1, 0))), most_edges=2)
    nothing = {name: np.zeros_like(value) for name, value in lonely.items()}
    for batch in (lonely, nothing):
        with tf.GradientTape() as tape:
            told = network(batch, samples(), training=training)
        gradients = tape.gradient(told, network.trainable_variables, unconnected_gradients="zero")
        assert all(np.isfinite(value).all() for value in (told, *gradients, *network.weights))


def test_edges_count_where_an_operation_reads_them_and_only_there():
    graphs = drawn(sizes=((5, 9),))
    other = [{**graphs[0], "edges": graphs[0]["edges"] + 1}]
    assert np.abs(answer(supernet("node"), graphs) - answer(supernet("node"), other)).max() > 1e-3
    network = supernet("node", edge_states=False)
    np.testing.assert_array_equal(answer(network, graphs), answer(network, other))
    chosen = {d.name: ["identity"] * len(d.places) for d in SEARCHED.decisions}
    rows = SEARCHED.encode(space.Selection(chosen))  # no message at all
    first, second = (answer(supernet("node"), g, rows=rows) for g in (graphs, other))
    np.testing.assert_array_equal(first, second)


@every_task
@pytest.mark.parametrize("edge_states", [True, False])
def test_a_child_answers_as_the_supernet_and_costs_what_is_said(task, edge_states):
    if task == "edge" and not edge_states:
        edge_states = True
    network, batch = supernet(task, edge_states), batched(drawn())
    found = SEARCHED.sample(np.random.default_rng(4))
    child = network.child(found)
    np.testing.assert_allclose(
        child(batch), network(batch, SEARCHED.encode(found)), rtol=1e-4, atol=1e-5
    )
    weights = sum(int(np.prod(weight.shape)) for weight in child.trainable_weights)
    assert child.cost.parameters == weights


def test_a_child_has_all_that_the_architecture_keeps_though_nothing_comes_of_it():
    chosen = {d.name: ["none"] * len(d.places) for d in SEARCHED.decisions}
    chosen["layer_2_edge"] = ["cat"] * 2
    plan = skeleton("node")
    child = GraphNetwork(space.Selection(chosen), SEARCHED, plan)
    weights = sum(int(np.prod(weight.shape)) for weight in child.trainable_weights)
    assert child.cost.parameters == weights


def test_a_child_is_saved_and_trained_as_any_keras_model(tmp_path):
    child = supernet("node").child(space.graph_baseline("gated_gcn", SEARCHED))
    child.get_layer("head").trainable = False
    child.save(tmp_path / "child.keras")
    again = keras.saving.load_model(tmp_path / "child.keras")
    batch = batched(drawn())
    assert isinstance(again, GraphNetwork) and again.genotype == child.genotype
    assert not again.get_layer("head").trainable
    np.testing.assert_array_equal(again(batch), child(batch))
    again.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    labels = np.zeros(batch["nodes"].shape[:2])
    mask = np.arange(labels.shape[1]) < batch["num_nodes"][:, None]
    losses = again.fit(batch, labels, sample_weight=mask, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    with pytest.raises(ValueError, match="Save it"):
        again.to_keras()


def test_a_child_is_exported_for_batches_of_any_size(tmp_path):
    child = supernet("edge").child(SEARCHED.sample(np.random.default_rng(1)))
    child.export(tmp_path / "export", verbose=False)
    exported = tf.saved_model.load(tmp_path / "export")
    for graphs in (drawn(), drawn(sizes=((9, 20),))):
        batch = {name: tf.constant(value) for name, value in batched(graphs).items()}
        np.testing.assert_allclose(exported.serve(batch), child(batch), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("sources", 5, "sources must be nodes"),
        ("targets", 9, "targets must be nodes"),
        ("sources", -1, "sources must be nodes"),
        ("targets", 4, "sorted by targets"),
        ("num_nodes", 9, "num_nodes must be"),
        ("num_edges", -1, "num_edges must be"),
    ],
)
def test_edges_that_are_none_are_refused(name, value, told):
    batch = batched(drawn(sizes=((5, 9), (5, 9))))
    batch[name].flat[0] = value
    with pytest.raises(tf.errors.InvalidArgumentError, match=told):
        supernet("node")(batch, samples())


def test_other_inputs_are_refused_in_one_line():
    network, batch = supernet("graph"), batched(drawn())
    for wrong, told in (
        (batch["nodes"], "an array"),
        ({"nodes": batch["nodes"]}, "without edges, sources"),
        ({**batch, "nodes": batch["nodes"][..., :2]}, "nodes. must be .batch, most nodes, 4"),
    ):
        with pytest.raises(ValueError, match=told):
            network.check_inputs(wrong)
    network.check_inputs(tf.data.Dataset.from_tensors((batch, np.zeros(4))))
    with pytest.raises(InvalidInput):
        network.child(space.GraphSpace(1, 2).sample(np.random.default_rng(0)))
    with pytest.raises(ValueError, match="child"):
        network.export("nowhere")


def test_nothing_is_traced_anew_for_other_sizes():
    network, traces = supernet("node"), []

    @tf.function(reduce_retracing=True)
    def answered(batch):
        traces.append(1)
        return network(batch, samples())

    for sizes in (((5, 9),), ((3, 4), (2, 2)), ((7, 1), (6, 12), (2, 3))):
        answered(batched(drawn(sizes=sizes)))
    assert len(traces) <= 2


def test_batch_normalisation_of_the_search_has_no_scale_and_shift():
    network = supernet("graph")
    affine = [v.path for v in network.trainable_variables if v.name in ("gamma", "beta")]
    assert all("_end/" in path or "head/" in path for path in affine)
    child = network.child(SEARCHED.sample(np.random.default_rng(0)))
    assert len([v for v in child.trainable_variables if v.name == "gamma"]) > len(affine) // 2
