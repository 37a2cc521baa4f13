# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a run is told of its memory, and when it is refused."""

import copy
import dataclasses
import functools
import io
import types

import pytest
import rich.console
import tensorflow as tf

from snas_tf import config, main, native, space
from snas_tf.errors import InvalidInput
from snas_tf.machine import available_memory
from snas_tf.machine.available_memory import Memory
from snas_tf.programs import memory
from snas_tf.programs.memory import Step, Verdict

GB = 10**9
CELLS = space.CellSpace()
SKELETON = space.Skeleton(num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3))
SEARCH = Step(
    estimate=functools.partial(space.step_memory, CELLS, SKELETON),
    batch_size=64,
    rematerialize=False,
)


def on_host(needed):
    return needed.total + needed.graph


def machine(total, available=None):
    available = total if available is None else available
    return Memory(total=int(total), available=int(available), owner="this machine")


def fitting_image(batch_size):
    """A step of one number an image and nothing else: 1 GB each under float32."""

    def estimate(images, *, bytes_per_number):
        parts = dict.fromkeys(("weights", "optimizer_state", "gradients", "workspace", "graph"), 0)
        return space.StepMemory(activations=GB // 4 * bytes_per_number * images, **parts)

    return Step(estimate=estimate, batch_size=batch_size)


def test_the_need_is_that_of_the_plan():
    """On the host with the program of the step."""
    expected = space.step_memory(CELLS, SKELETON, 64)
    assert dataclasses.replace(SEARCH, on_host=False).needed == expected.total
    assert SEARCH.needed == on_host(expected) == expected.total + expected.graph
    assert 3 * GB < SEARCH.needed < 4 * GB


@pytest.mark.parametrize(
    ("needed", "total", "available", "outcome"),
    [
        (8, 16, 10, "fits"),
        (8, 16, 9.9, "warned"),
        (10, 8, 8, "warned"),
        (11, 8, 8, "refused"),
        (11, 20, 2, "warned"),
    ],
)
def test_a_run_is_told_warned_or_refused(needed, total, available, outcome):
    step, there = fitting_image(needed), machine(total * GB, available * GB)
    if outcome == "refused":
        with pytest.raises(InvalidInput, match="needs about 11 GB of memory .* has 8.0 GB"):
            memory.judge(step, there)
        verdict = memory.judge(step, there, refuse=False)
        assert "about 11 GB, and 8.0 GB of this machine are free" in verdict.sentence
        assert verdict.warns
        return
    verdict = memory.judge(step, there)
    assert verdict.warns is (outcome == "warned")
    if outcome == "fits":
        assert verdict.sentence == "The step needs about 8.0 GB of 10 GB."


def test_where_the_memory_is_not_known_the_need_is_told():
    verdict = memory.judge(fitting_image(5), None)
    assert verdict == Verdict("The step needs about 5.0 GB of memory.", warns=False)


def test_a_refusal_names_every_remedy_and_what_the_step_would_need_then():
    with pytest.raises(InvalidInput) as refused:
        memory.judge(SEARCH, machine(3 * GB))
    of = functools.partial(space.step_memory, CELLS, SKELETON)
    for change, needed in (
        ("data.batch_size=16", of(16)),
        ("runtime.rematerialize=True", of(64, rematerialize=True)),
        ("runtime.dtype_policy=mixed_bfloat16", of(64, bytes_per_number=2)),
    ):
        told = f"--config.{change} (then about {memory.gigabytes(on_host(needed))})"
        assert told in str(refused.value)
    assert "`--config.data.batch_size=64` needs about" in str(refused.value)
    assert "--config.runtime.memory_check=False goes on all the same" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_batch_is_halved_until_it_fits_or_there_is_one_image():
    for total, batch_size in ((8, "=4 "), (3, "=2 "), (0.5, "=1 ")):
        with pytest.raises(InvalidInput, match=f"--config.data.batch_size{batch_size}"):
            memory.judge(fitting_image(16), machine(total * GB))


def test_what_is_done_already_is_no_remedy():
    step = fitting_image(1)
    step = Step(estimate=step.estimate, batch_size=1, bytes_per_number=2, rematerialize=None)
    with pytest.raises(InvalidInput, match="do use a smaller network;"):
        memory.judge(step, machine(0.1 * GB))


def test_replicas_divide_the_batch_and_may_share_the_memory():
    half = fitting_image(5)
    alone = Step(estimate=half.estimate, batch_size=5, replicas=2)
    sharing = Step(estimate=half.estimate, batch_size=5, replicas=2, sharing=2)
    assert (alone.needed, sharing.needed) == (3 * GB, 6 * GB)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(83_400_000, "0.08 GB"), (996_000_000, "1.0 GB"), (6.24e9, "6.2 GB"), (21.6e9, "22 GB")],
)
def test_gigabytes_have_two_figures(number, expected):
    assert memory.gigabytes(number) == expected


def told(check, *arguments):
    """What is printed of a check, in one line."""
    stream = io.StringIO()
    memory.tell(check(*arguments), rich.console.Console(file=stream, width=40))
    (line,) = stream.getvalue().splitlines()
    return line


@pytest.fixture
def there(monkeypatch):
    """Lets the machine have so many GB."""

    def have(gigabytes):
        found = machine(gigabytes * GB)
        monkeypatch.setattr(available_memory, "present", lambda strategy: found)

    return have


IMAGES = types.SimpleNamespace(num_classes=10, image_shape=(32, 32, 3), held_bytes=0)


def searching(**runtime):
    settings = config.get_config()
    settings.network.num_cells, settings.network.init_channels = 8, 16
    settings.runtime.update(runtime)
    return settings


def test_every_key_reaches_the_estimate_of_a_search(there, two_replicas):
    there(100)
    one = tf.distribute.get_strategy()
    of = functools.partial(space.step_memory, CELLS, SKELETON)
    path = searching()
    path.search.estimator = "straight_through"
    warm = copy.deepcopy(path)
    warm.search.warmup_epochs = 1
    for settings, strategy, needed in (
        (searching(), one, on_host(of(64))),
        (searching(rematerialize=True), one, on_host(of(64, rematerialize=True))),
        (searching(dtype_policy="mixed_bfloat16"), one, on_host(of(64, bytes_per_number=2))),
        (path, one, on_host(of(64, single_path=True))),
        (warm, one, on_host(of(64))),
        (searching(), two_replicas, 2 * on_host(of(32))),
    ):
        line = told(memory.check_search, settings, IMAGES, strategy)
        assert line == f"The step needs about {memory.gigabytes(needed)} of 100 GB."


@pytest.fixture
def own_operations(monkeypatch):
    """They count as in use; nothing here calls a layer."""
    monkeypatch.setattr(native, "in_use", lambda: True)


def test_operations_of_our_own_count_where_layers_may_take_them(
    there, two_replicas, own_operations
):
    there(100)
    one = tf.distribute.get_strategy()
    of = functools.partial(space.step_memory, CELLS, SKELETON)
    path, together = searching(), searching()
    path.search.estimator = "straight_through"
    together.search.synchronized_batch_norm = True
    for settings, strategy, needed in (
        (searching(), one, on_host(of(64, native=True))),
        (searching(rematerialize=True), one, on_host(of(64, native=True, rematerialize=True))),
        (path, one, on_host(of(64, native=True, single_path=True))),
        (searching(), two_replicas, 2 * on_host(of(32, native=True))),
        (together, one, on_host(of(64, native=True))),  # with nobody
        (together, two_replicas, 2 * on_host(of(32))),
        (searching(jit_compile=True), one, on_host(of(64))),
        (searching(dtype_policy="mixed_bfloat16"), one, on_host(of(64, bytes_per_number=2))),
    ):
        line = told(memory.check_search, settings, IMAGES, strategy)
        assert line == f"The step needs about {memory.gigabytes(needed)} of 100 GB."
    assert of(64, native=True).total < 0.85 * of(64).total


def test_operations_of_our_own_count_in_a_training(there, two_replicas, own_operations):
    there(100)
    genotype, one = space.PUBLISHED["DARTS_V2"], tf.distribute.get_strategy()
    of = functools.partial(space.child_step_memory, genotype, SKELETON)
    together = searching()
    together.train.synchronized_batch_norm = True
    for settings, strategy, needed in (
        (searching(), one, on_host(of(64, native=True))),
        (together, two_replicas, 2 * on_host(of(32))),
        (searching(jit_compile=True), one, on_host(of(64))),
    ):
        line = told(memory.check_training, settings, genotype, IMAGES, strategy)
        assert line == f"The step needs about {memory.gigabytes(needed)} of 100 GB."


def test_an_impossible_search_is_refused_unless_the_check_is_off(there):
    there(2)
    one = tf.distribute.get_strategy()
    with pytest.raises(InvalidInput, match="this machine has 2.0 GB"):
        told(memory.check_search, searching(), IMAGES, one)
    line = told(memory.check_search, searching(memory_check=False), IMAGES, one)
    needed = memory.gigabytes(on_host(space.step_memory(CELLS, SKELETON, 64)))
    assert line.startswith(f"Warning: the step needs about {needed}, and 2.0 GB of this machine")


def test_images_that_are_held_are_taken_off_what_there_is(there):
    there(5)
    one = tf.distribute.get_strategy()
    told(memory.check_search, searching(), IMAGES, one)
    held = types.SimpleNamespace(**{**vars(IMAGES), "held_bytes": 3 * GB})
    with pytest.raises(InvalidInput, match="this machine beside the images has 2.0 GB"):
        told(memory.check_search, searching(), held, one)


def test_a_training_names_its_own_batch_size_and_does_not_rematerialize(there):
    genotype, one = space.PUBLISHED["DARTS_V2"], tf.distribute.get_strategy()
    settings = searching()
    there(100)
    needed = on_host(space.child_step_memory(genotype, SKELETON, 64))
    line = told(memory.check_training, settings, genotype, IMAGES, one)
    assert line == f"The step needs about {memory.gigabytes(needed)} of 100 GB."
    there(0.1)
    settings.train.batch_size = 32
    with pytest.raises(InvalidInput) as refused:
        told(memory.check_training, settings, genotype, IMAGES, one)
    assert "`--config.train.batch_size=32` needs" in str(refused.value)
    assert "rematerialize" not in str(refused.value)


@pytest.mark.parametrize(("mode", "section"), [("search", "network"), ("train", "train")])
def test_an_impossible_run_is_refused_before_anything_is_written(mode, section, tmp_path, capfd):
    words = [f"--mode={mode}", f"--workdir={tmp_path / 'run'}"]
    words += ["--config.train.genotype=SNAS_MILD", f"--config.{section}.init_channels=100000000"]
    assert main.run(words) == 2
    message = capfd.readouterr().err
    assert "snas_tf: error: `--config.data.batch_size=64` needs about" in message
    assert "runtime.dtype_policy=mixed_bfloat16 (then" in message
    assert not any(tmp_path.iterdir())
