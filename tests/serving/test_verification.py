# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What does not answer as the network does is not published."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, serving
from snas_tf.errors import Failure
from snas_tf.serving import c_session, verification, warm_up
from tests.serving.conftest import GENOTYPE, SKELETON


@pytest.fixture
def expected(served, examples):
    return verification.requests(served, "snas", examples)


def test_requests_are_of_all_sizes_with_the_networks_answers(served, expected, examples):
    found = [(each.signature, len(next(iter(each.inputs.values())))) for each in expected]
    sizes = (1, 3, 32)
    assert found == [(s, n) for s in ("serving_default", "image_bytes") for n in sizes]
    logits = served.network(served.normalization(examples)).numpy()
    for request in expected:
        size = len(request.answer["class_id"])
        np.testing.assert_allclose(request.answer["logits"], logits[:size], atol=1e-5)
        np.testing.assert_array_equal(request.answer["class_id"], logits[:size].argmax(1))


@pytest.mark.parametrize(
    ("most", "count", "sizes"), [(64, 2, (1, 2)), (2, 32, (1, 2)), (1, 9, (1,))]
)
def test_there_are_no_larger_requests_than_may_be(parts, examples, most, count, sizes):
    served = serving.Served(**{**parts, "most_images": most})
    requests = verification.requests(served, "snas", examples[:count])
    assert [len(each.answer["class_id"]) for each in requests] == [*sizes, *sizes]


@pytest.mark.parametrize("wrong", [np.s_[:0], np.s_[:, 1:], np.s_[0]])
def test_examples_that_do_not_fit_are_refused(served, examples, wrong):
    with pytest.raises(ValueError, match="`examples` must be .* Received: uint8"):
        verification.requests(served, "snas", examples[wrong])
    with pytest.raises(ValueError, match="Received: float32"):
        verification.requests(served, "snas", examples.astype(np.float32))


def test_what_was_exported_passes(exported):
    found = exported.verification
    assert found.batch_sizes == (1, 3, 32) and found.tolerance == 1e-5
    assert found.differences.keys() == found.cpp_differences.keys()
    assert found.greatest_difference() == max(
        *found.differences.values(), *found.cpp_differences.values()
    )
    assert found.greatest_difference() <= 1e-5 and found.malformed_refused > 20
    assert found.describe()["operations"] == found.operations > 20


def test_other_weights_are_found_out(parts, examples, exported):
    other = serving.Served(**{**parts, "network": ChildNetwork(GENOTYPE, SKELETON)})
    requests = verification.requests(other, "snas", examples)
    with pytest.raises(
        Failure, match="by Python's loader, probabilities of serving_default differ"
    ):
        verification.verify(exported.place, other, requests)


def test_another_framing_is_found_out(parts, examples, exported):
    mirrored = serving.Served(**{**parts, "frame": lambda image: tf.reverse(image, [1])})
    requests = verification.requests(mirrored, "snas", examples)
    with pytest.raises(Failure, match="probabilities of image_bytes differ"):
        verification.verify(exported.place, mirrored, requests)


def test_a_network_that_diverged_is_refused(parts, examples, exported):
    broken = ChildNetwork(GENOTYPE, SKELETON)
    bias = broken.trainable_weights[-1]
    bias.assign(np.full(bias.shape, np.nan))
    other = serving.Served(**{**parts, "network": broken})
    requests = verification.requests(other, "snas", examples)
    with pytest.raises(Failure, match="differ by inf"):
        verification.verify(exported.place, other, requests)


def test_other_classes_are_found_out_even_where_probabilities_agree(expected):
    """As if the written function took another argmax."""
    answer = {**expected[2].answer, "class_id": (expected[2].answer["class_id"] + 1) % 10}
    assert expected[2].difference(answer) == 0 and expected[2].disagreements(answer, 0.0) == 32
    with pytest.raises(Failure, match="by a loader, 32 images get another class"):
        verification._refuse("a loader", {"serving_default": 0.0}, 32, 1e-5)


def test_warm_up_requests_that_are_missing_are_found_out(served, expected, exported, tmp_path):
    copy = shutil.copytree(exported.place, tmp_path / "model")
    warm_up.write(copy, expected[:-1])
    with pytest.raises(Failure, match="cannot be read back"):
        verification.verify(copy, served, expected)


def test_where_the_cpp_loader_cannot_be_called_that_is_said(
    served, expected, exported, monkeypatch
):
    monkeypatch.setattr(c_session.sys, "platform", "win32")
    found = verification.verify(exported.place, served, expected)
    assert found.cpp_differences is None and found.malformed_refused == 0


@pytest.mark.slow
def test_bfloat16_is_compared_with_its_own_tolerance(parts, examples, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    network = ChildNetwork(GENOTYPE, SKELETON)
    others = {name: value for name, value in parts.items() if name != "network"}
    exported = serving.export(network, tmp_path, examples=examples, **others)
    found = exported.verification
    assert found.tolerance == serving.TOLERANCES["bfloat16"]
    assert found.greatest_difference() <= found.tolerance
