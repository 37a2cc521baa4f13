# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Same seed, same bits: in a second run, after SIGKILL, after Ctrl-C."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import h5py
import keras
import numpy as np
import pytest

from snas_tf import ChildNetwork

ROOT = pathlib.Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
SEARCH = (
    "--mode=search",
    "--config.space.num_nodes=2",
    "--config.search.num_cells=2",
    "--config.search.init_channels=4",
    "--config.search.epochs=5",
    "--config.data.batch_size=128",
)
TRAIN = (
    "--mode=train",
    "--config.train.genotype=DARTS_V2",
    "--config.train.num_cells=2",
    "--config.train.init_channels=4",
    "--config.train.epochs=4",
    "--config.train.drop_path=0.2",
    "--config.train.cutout=3",
    "--config.train.ema_decay=0.9",
    "--config.train.label_smoothing=0.1",
    "--config.train.warmup_epochs=1",
    "--config.train.clip_norm=1.0",
    "--config.data.batch_size=128",
)


def start(workdir, words):
    # A job in a shell's background ignores Ctrl-C, and what it starts inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, "-m", "snas_tf.main", f"--workdir={workdir}", *words],
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def run_to_the_end(workdir, words):
    code, out, err = finish(start(workdir, words))
    assert code == 0, err
    return out


def stop(workdir, words, number, checkpoint):
    """Starts a run and sends it a signal in the epoch after a checkpoint."""
    process = start(workdir, words)
    for _ in range(3000):
        if (workdir / "checkpoints" / checkpoint).exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    process.send_signal(number)
    return finish(process)


def weights(path):
    """{name: array} of everything in a checkpoint's file, both optimizers' state included."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, entry: (
                found.update({name: entry[()]}) if isinstance(entry, h5py.Dataset) else None
            )
        )
    return found


def assert_same_bits(one, other, stage, last):
    tables = {
        "search": ("metrics.csv", "genotype.json"),
        "train": ("training_metrics.csv", "training_results.json"),
    }
    for name in tables[stage]:
        assert (one / name).read_bytes() == (other / name).read_bytes()
    file = pathlib.Path("checkpoints", f"{stage}-{last:05d}", "model.weights.h5")
    left, right = weights(one / file), weights(other / file)
    assert left.keys() == right.keys() and len(left) > 20
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)
    kept = {"search": ("child.keras",), "train": ("trained.keras", "best.keras")}[stage]
    for name in kept:
        left, right = (keras.saving.load_model(path / name) for path in (one, other))
        for pair in zip(left.weights, right.weights, strict=True):
            np.testing.assert_array_equal(*pair)


def assert_the_averages_are_kept(workdir):
    saved = weights(workdir / "checkpoints" / "train-00004" / "model.weights.h5")
    trained, average = (
        saved[f"{network}/layers/classifier/dense/vars/0"] for network in ("child", "average")
    )
    network = keras.saving.load_model(workdir / "trained.keras")
    assert isinstance(network, ChildNetwork)
    np.testing.assert_array_equal(network.get_layer("classifier").get_weights()[0], average)
    assert np.abs(trained - average).max() > 1e-5


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """A search that was let alone."""
    workdir = tmp_path_factory.mktemp("resume") / "uninterrupted"
    run_to_the_end(workdir, SEARCH)
    return workdir


def test_the_state_of_both_optimizers_is_in_the_checkpoint(uninterrupted):
    file = uninterrupted / "checkpoints" / "search-00005" / "model.weights.h5"
    saved = [value for name, value in weights(file).items() if "optimizer" in name]
    assert sum(np.any(value != 0) for value in saved) > 10


def test_a_second_run_has_the_same_bits(uninterrupted, tmp_path):
    run_to_the_end(tmp_path / "again", SEARCH)
    assert_same_bits(uninterrupted, tmp_path / "again", "search", 5)


def test_another_seed_has_other_bits(uninterrupted, tmp_path):
    words = (*SEARCH, "--config.seed=1", "--config.search.epochs=1")
    run_to_the_end(tmp_path / "other", words)
    table = (tmp_path / "other" / "metrics.csv").read_text()
    assert table.splitlines()[1] != (uninterrupted / "metrics.csv").read_text().splitlines()[1]


def test_a_search_that_was_killed_goes_on_with_the_same_bits(uninterrupted, tmp_path):
    workdir = tmp_path / "killed"
    code, _, _ = stop(workdir, SEARCH, signal.SIGKILL, "search-00002")
    assert code == -signal.SIGKILL
    assert not (workdir / "genotype.json").exists()
    out = run_to_the_end(workdir, SEARCH)
    assert "Continuing after epoch" in out
    assert_same_bits(uninterrupted, workdir, "search", 5)


def test_ctrl_c_is_answered_and_the_search_goes_on_with_the_same_bits(uninterrupted, tmp_path):
    workdir = tmp_path / "interrupted"
    code, _, err = stop(workdir, SEARCH, signal.SIGINT, "search-00001")
    assert code == 130
    assert err == "snas_tf: interrupted; the same command continues the run\n"
    run_to_the_end(workdir, SEARCH)
    assert_same_bits(uninterrupted, workdir, "search", 5)


def test_a_training_that_was_killed_goes_on_with_the_same_bits(tmp_path):
    run_to_the_end(tmp_path / "uninterrupted", TRAIN)
    stop(tmp_path / "killed", TRAIN, signal.SIGKILL, "train-00001")
    out = run_to_the_end(tmp_path / "killed", TRAIN)
    assert "Continuing after epoch" in out
    assert_same_bits(tmp_path / "uninterrupted", tmp_path / "killed", "train", 4)

    assert_the_averages_are_kept(tmp_path / "killed")


def test_what_has_no_checkpoints_says_that_it_begins_anew(tmp_path):
    process = start(tmp_path / "latency", ["--mode=latency"])
    for line in process.stdout:
        if line.startswith("Measuring"):
            break
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert (code, err) == (130, "snas_tf: interrupted; the same command begins anew\n")
