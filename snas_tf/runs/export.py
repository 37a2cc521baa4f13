# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=export: writes the network of a run as the next version of a SavedModel."""

from __future__ import annotations

import rich.console
from ml_collections import ConfigDict

from snas_tf import data, serving
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import InvalidInput
from snas_tf.runs import dataset, runtime
from snas_tf.runs.evaluate import finished, load_network
from snas_tf.runs.files import is_on_disk
from snas_tf.runs.run_directory import STAGE_NAMES, RunDirectory

_EXAMPLES = 64


@named_images()
def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Exports the trained network, or the one that the search left where none was trained.

    Of a training it takes the last epoch's network, as is the custom of the field: nothing was
    chosen by the validation images, so their accuracy says what to expect of it.

    Args:
        config: Where to compute: reads `runtime`; everything else is what the run recorded.
        directory: The run directory.

    Raises:
        InvalidInput: The directory holds no network, or its data set is gone.
    """
    stage = finished(directory)[-1]
    if not is_on_disk(directory.path):
        raise InvalidInput(
            f"`--mode=export` needs a --workdir on this machine: given {directory.path}; do copy "
            "the run and export the copy"
        )
    directory.lock()
    runtime.configure(config)
    recorded = ConfigDict(directory.recorded(stage))
    images = dataset.load(recorded)
    keys = images.validation.keys(None).batch(_EXAMPLES).take(1)
    ((examples, _),) = keys.map(images.validation.reader()).as_numpy_iterator()
    place, difference = serving.export(
        load_network(directory, stage),
        data.normalization(images),
        directory.export_folder,
        examples,
    )
    height, width, channels = images.image_shape
    rich.console.Console().print(
        f"Wrote {place}: the network of the {STAGE_NAMES[stage]}, checked on {len(examples)} "
        f"images (greatest difference of a probability {difference:.1e}).\n"
        f"Signature {serving.SIGNATURE}: image uint8 (batch, {height}, {width}, {channels}) -> "
        f"class_id, probabilities, logits; classes: {', '.join(images.class_names[:12])}"
        f"{', ...' if len(images.class_names) > 12 else ''}.\n"
        f"Serve it: tensorflow_model_server --model_name=snas --model_base_path="
        f"{directory.export_folder.resolve()} --rest_api_port=8501",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
