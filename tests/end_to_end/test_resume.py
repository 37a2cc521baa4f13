# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Same seed, same bits: in a second run, after SIGKILL, after Ctrl-C."""

import re
import shutil
import signal

import keras
import numpy as np
import pytest

from snas_tf import ChildNetwork
from tests.end_to_end.processes import (
    OFTEN,
    SEARCH,
    assert_same_bits,
    damage,
    finish,
    newest,
    run_here,
    run_to_the_end,
    start,
    stop,
    variables,
    wait_for,
)

pytestmark = pytest.mark.slow

TRAIN = (
    "--mode=train",
    "--config.train.genotype=SNAS_AGGRESSIVE",
    "--config.train.num_cells=1",
    "--config.train.init_channels=4",
    "--config.train.epochs=3",
    "--config.train.drop_path=0.2",
    "--config.train.cutout=3",
    "--config.train.ema_decay=0.9",
    "--config.train.label_smoothing=0.1",
    "--config.train.warmup_epochs=1",
    "--config.train.clip_norm=1.0",
    "--config.data.batch_size=128",
)


def assert_the_averages_are_kept(workdir):
    saved = variables(workdir, "train-00003")
    trained, average = (saved[f"classifier/dense/kernel{number}"] for number in ("", " (2)"))
    network = keras.saving.load_model(workdir / "trained.keras")
    assert isinstance(network, ChildNetwork)
    np.testing.assert_array_equal(network.get_layer("classifier").get_weights()[0], average)
    assert np.abs(trained - average).max() > 1e-5


def test_the_state_of_both_optimizers_is_in_the_checkpoint(uninterrupted):
    saved = variables(uninterrupted, "search-00005")
    # Both cells of this search are reduction cells; nothing is learnt of normal ones.
    expected = {"weights/.*_momentum": 10, "logits/.*_reduction_logits_(momentum|velocity)": 2}
    for names, least in expected.items():
        state = [value for name, value in saved.items() if re.fullmatch(names, name)]
        assert sum(np.any(value != 0) for value in state) >= least


def interrupt(workdir, number, expected, checkpoint):
    """Ends a search by a signal after a checkpoint, which it answers; returns its output."""
    code, out, err = stop(workdir, SEARCH, number, checkpoint)
    assert code == expected
    # A step of the next epoch; or, if the signal came as this one was saved, this one itself.
    saved = newest(workdir, "search")
    assert "saving at the next step; again to stop at once" in err
    assert f"snas_tf: interrupted; saved in {saved} (after epoch " in err
    assert err.endswith("; the same command continues the run\n")
    return out


def test_a_search_that_is_ended_again_and_again_has_the_same_bits(uninterrupted, tmp_path):
    """Killed, interrupted; and what it saved lost, damaged, or damaged in whole."""
    workdir = tmp_path / "run"
    code, _, _ = stop(workdir, (*SEARCH, OFTEN), signal.SIGKILL, "search-00001-0000003")
    assert code == -signal.SIGKILL
    assert not (workdir / "genotype.json").exists()
    shutil.rmtree(newest(workdir, "search"))

    out = interrupt(workdir, signal.SIGINT, 130, "search-00002")
    assert "Continuing after epoch 1 and " in out
    damaged = newest(workdir, "search")

    hopeless = shutil.copytree(workdir, tmp_path / "hopeless")
    places = [*(hopeless / "checkpoints").iterdir()]
    for place in places:
        damage(place / "variables.npz")
    code, _, err = run_here(hopeless, SEARCH)
    assert code == 1 and err.count("\n") == 1
    assert "no checkpoint of the search is intact" in err and "--overwrite" in err
    assert places == [*(hopeless / "checkpoints").iterdir()], "it does not begin anew unasked"

    damage(damaged / "variables.npz")
    out = run_to_the_end(workdir, SEARCH)
    assert f"warning: {damaged} cannot be used: its variables.npz" in out
    assert "Continuing after epoch " in out
    assert_same_bits(uninterrupted, workdir, "search", 5)


def twice_signalled(workdir):
    """The exit code and the last words of a search that is told twice to end."""
    process = start(workdir, SEARCH)
    wait_for(process, workdir / "logs")  # `fit` has begun, and its first step is traced
    process.send_signal(signal.SIGTERM)
    for line in process.stderr:
        if "again to stop at once" in line:
            break
    process.send_signal(signal.SIGTERM)
    code, _, err = finish(process)
    return code, err


def test_a_second_signal_ends_at_once(tmp_path):
    for number in range(3):
        workdir = tmp_path / f"run_{number}"
        code, err = twice_signalled(workdir)
        # Where TensorFlow's C++ calls Python it may swallow what the signal raised, and say so.
        if "SystemError" not in err:
            break
    assert (code, err) == (143, "snas_tf: interrupted; the same command continues the run\n")
    assert not (workdir / "checkpoints").exists()


def test_a_training_that_was_killed_goes_on_with_the_same_bits(tmp_path):
    run_to_the_end(tmp_path / "uninterrupted", TRAIN)
    workdir = tmp_path / "killed"
    stop(workdir, (*TRAIN, OFTEN), signal.SIGKILL, "train-00001-0000003")
    (workdir / "best.keras").write_bytes(b"half of it")  # the checkpoint has a whole one
    out = run_to_the_end(workdir, TRAIN)
    assert "Continuing after epoch 1 and " in out
    assert_same_bits(tmp_path / "uninterrupted", workdir, "train", 3)
    assert_the_averages_are_kept(workdir)
