# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sections of what follows a search, and of how whatever runs is run."""

from snas_tf.config.key import Key

EVALUATION = {
    "recalibrate": Key(
        False,
        "",
        "Whether networks are also measured on the test images with statistics of batch "
        "normalisation that are measured anew over all training images, in a column of their own.",
    ),
    "table": Key(
        "",
        "",
        'File of true accuracies by architecture, .npz or .csv; "" for none. With it terminal and '
        "report show the true accuracy and the rank of what was found.",
    ),
}

ABLATE = {
    "toggles": Key(
        (),
        "",
        "Tricks of --mode=ablate, a search with each beside the one as it is: texts such as "
        '"search.warmup_epochs=3", or several keys at once, "search.estimator=softmax; '
        'search.derivation=perturbation".',
    ),
    "seeds": Key(5, "[1, inf)", "Searches of each, with the seeds seed, seed + 1, ..."),
}

LATENCY = {
    "batch_size": Key(1, "[1, inf)", "Images that a network answers at once."),
    "repetitions": Key(50, "[1, inf)", "Times each operation is timed; the fastest tenth counts."),
    "num_children": Key(
        20,
        "[0, inf)",
        "Random child networks whose latency is predicted and measured; 0: none.",
    ),
}

EXPORT = {
    "network": Key(
        "best",
        ("best", "child", "last", "best_epoch"),
        'The network to export, and to predict by: "best", the most accurate one on the validation '
        'images; "child", as the search left it; or "last" or "best_epoch" of the training.',
    ),
    "allow_chance": Key(
        False,
        "",
        "Whether to export it even where its accuracy on the validation images may be chance.",
    ),
    "formats": Key((), ("litert", "litert_int8", "onnx"), "Files to write beside the SavedModel."),
    "max_batch_size": Key(
        256, "[1, inf)", "Images that a request may hold; a larger one is refused."
    ),
    "keep_versions": Key(
        0, "[0, inf)", "Newest versions that stay when another is written; 0: all."
    ),
    "num_test_images": Key(
        1000,
        "[0, inf)",
        "Test images on which all that was written is measured, of every class its part; 0: all.",
    ),
}

RUNTIME = {
    "dtype_policy": Key(
        "float32",
        ("float32", "mixed_bfloat16"),
        'Arithmetic: "float32" or "mixed_bfloat16" (half the memory; slow on most CPUs).',
    ),
    "jit_compile": Key(False, "", "Whether XLA compiles the step."),
    "rematerialize": Key(
        False,
        "",
        "Whether each cell of the supernet is computed again for the backward pass: a search of "
        "many cells needs 0.3 of the memory and a quarter more time; one of three cells, 0.7.",
    ),
    "memory_check": Key(
        True,
        "",
        "Whether a run is refused whose step needs more memory than there is, by estimate.",
    ),
    "accept_changed_files": Key(
        False,
        "",
        "Whether a run goes on with image files whose content is no longer the recorded one, as "
        "when a damaged one was mended. Files that were added or removed are never accepted.",
    ),
    "steps_per_execution": Key(1, "[1, inf)", "Steps that run in one call of the device."),
    "checkpoint_seconds": Key(
        600.0,
        "(0, inf)",
        "Seconds between checkpoints within an epoch; one is written at its end in any case.",
    ),
    "optimize_graph": Key(
        "auto",
        ("auto", "on", "off"),
        'Whether TensorFlow\'s graph optimizer goes over the step before it first runs: "on", '
        '"off", or "auto": not for a search on a CPU, whose first step takes half of the time '
        "without it and the others as long as with it.",
    ),
    "native_operations": Key(
        "auto",
        ("auto", "on", "off"),
        'Custom C++ ops, compiled at first use: "on", "off", or "auto": on a CPU that has a C++ '
        "compiler. They are for float32, and save a third of a search step's time and of its "
        "memory.",
    ),
    "intra_op_threads": Key(
        0, "[0, inf)", "Threads inside an operation; 0: chosen by the program (1 on a CPU)."
    ),
    "inter_op_threads": Key(
        0,
        "[0, inf)",
        "Operations that run side by side; 0: chosen by the program (the usable cores on a CPU, "
        "and 1 where latency is measured).",
    ),
}
