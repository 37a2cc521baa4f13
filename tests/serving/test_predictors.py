# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whatever was exported is asked in one way."""

import numpy as np

from snas_tf import serving
from snas_tf.serving import formats


def test_a_saved_model_and_a_file_give_the_probabilities_of_the_network(
    exported, parts, examples, served, tmp_path
):
    file = formats.convert("litert", parts["network"], parts["normalization"], tmp_path, examples)
    logits = served.network(served.normalization(examples)).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for path in (exported.place, file):
        found = serving.predictor(path)(examples)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)
