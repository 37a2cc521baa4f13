# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""Stochastic neural architecture search: finds a network for your images, trains and exports it.

    snas-tf --mode=MODE [--config=NAME] [--config.KEY=VALUE ...] [--workdir=DIR]
    python -m snas_tf --mode=MODE ...                (the same, in a clone without installation)

Modes:
  search     search an architecture; report it and the child network with the supernet's weights
  train      train the network of a genotype: the run's own, a file, or a published one
  evaluate   measure the networks of a run
  predict    print the class of image files: snas-tf --mode=predict --workdir=DIR IMAGE ...
  report     write report.html of a run anew
  export     write a SavedModel, DIR/export/<version>/, for TF-Serving
  latency    time the candidate operations on this device, for searches that mind latency
  score      rank untrained networks: random ones, or snas-tf --mode=score NETWORK.keras ...
  ablate     search with and without each trick, with several seeds, and compare

Flags:
  --config=NAME           a Python file of yours with get_config(), or one of those that come along
                          (listed below); default: digits
  --config.KEY=VALUE      another value for a key of the config
  --workdir=DIR           the folder that holds the run; default: runs/snas
  --json                  with --mode=predict, a JSON object a line: file, class, probabilities
  --overwrite             begin anew; without it the same command continues a run that was stopped
  --help, --helpfull      this page; this page and every KEY with its default

Examples:
  snas-tf --mode=search --workdir=runs/digits
  snas-tf --mode=search --workdir=runs/mine --config.data.source=folder:my_images
  snas-tf --mode=train --workdir=runs/digits --config=digits_train
  snas-tf --mode=export --workdir=runs/digits
"""

from __future__ import annotations

import errno
import functools
import os
import signal
import sys
import textwrap
import traceback
from collections.abc import Sequence

from snas_tf import command_line, config, shipped
from snas_tf.errors import Failure, InvalidInput
from snas_tf.machine import interruption, rejoining, startup
from snas_tf.runs import error_log
from snas_tf.runs.stages import STAGES

_OF_THE_DISK = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """The command line.

    Args:
        arguments: The words after the program's name; those of this process by default.

    Returns:
        The exit code: 0; 1 after a failure at run time; 2 for wrong input; 130 when interrupted,
        141 where nobody reads what is printed, 143 when terminated.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    command = None
    try:
        if command_line.wants_help(arguments):
            _print_help(every_key=command_line.wants_every_key(arguments))
            sys.stdout.flush()
            return 0
        with interruption.at_once():
            command = command_line.parse(arguments)
            if not command.cluster.is_chief:
                _tell(0, f"{command.cluster}; the chief shows the progress")
            with command.directory:
                _dispatch(command)
        sys.stdout.flush()
    except InvalidInput as error:
        return _tell(2, f"error: {error}")
    except Failure as error:
        return _tell(1, f"error: {error}")
    except BrokenPipeError:
        return _reader_is_gone()
    except KeyboardInterrupt as error:
        interrupted = interruption.Interrupted.of(error)
        return _tell(interrupted.exit_code, _interrupted(command, interrupted.saved))
    except Exception as error:
        if _can_rejoin(command, error):
            _tell(0, "a worker was lost; going on from the last checkpoint when it is back")
            rejoining.rejoin()
        return _tell(1, f"error: {_failure(command, error)}")
    return 0


def _reader_is_gone() -> int:
    """What was printed went to a program that has read enough, such as `head`."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # or Python complains when it ends
    return 128 + signal.SIGPIPE


def _print_help(*, every_key: bool) -> None:
    names = textwrap.fill(", ".join(shipped.config_names()), 98, initial_indent="  ")
    print(f"{__doc__}\nConfigs in {shipped.configs()}:", names.replace("\n", "\n  "), sep="\n")
    if every_key:
        print("\nKeys, their defaults and what they mean:")
        for name, key in config.KEYS.items():
            print(f"  --config.{name}={key.default}")
            print(textwrap.indent(textwrap.fill(f"{key.meaning} {key.expected}.", 92), " " * 6))


def _dispatch(command: command_line.Command) -> None:
    """Runs a mode; imports its program, and TensorFlow, only now that the command is right."""
    directory = command.directory
    done = directory.finished(command.mode) and not directory.overwrite
    if done and not directory.extends(command.mode, command.config):
        print(
            f"--mode={command.mode} in {directory.path} is finished: see {directory.report_path}, "
            "or begin anew with --overwrite."
        )
        return
    startup.load_tensorflow()
    match command.mode:
        case "search" if command.config.search.method != "snas":
            from snas_tf.programs.trials.program import run as program
        case "search" if command.config.search.num_seeds > 1:
            from snas_tf.programs.ending.selection import run as program
        case "search":
            from snas_tf.programs.search import run as program
        case "train":
            from snas_tf.programs.train import run as program
        case "evaluate":
            from snas_tf.programs.evaluate import run as program
        case "predict":
            from snas_tf.programs import predict

            program = functools.partial(predict.run, images=command.files, as_json=command.json)
        case "report":
            from snas_tf.programs.report import run as program
        case "export":
            from snas_tf.programs.export import run as program
        case "latency":
            from snas_tf.programs.latency import run as program
        case "score":
            from snas_tf.programs import score

            program = functools.partial(score.run, files=command.files)
        case "ablate":
            from snas_tf.programs.ablation.program import run as program
    program(command.config, directory)


def _interrupted(command: command_line.Command | None, saved: str) -> str:
    if saved:
        return f"interrupted; saved in {saved}; the same command continues the run"
    goes_on = command is None or command.mode in (*STAGES, "score", "ablate")
    return f"interrupted; the same command {'continues the run' if goes_on else 'begins anew'}"


def _can_rejoin(command: command_line.Command | None, error: Exception) -> bool:
    several = command and command.mode in STAGES and command.cluster.num_workers > 1
    return bool(several) and rejoining.lost_worker(error) and rejoining.may_rejoin()


def _failure(command: command_line.Command | None, error: Exception) -> str:
    """What went wrong, in a line; the traceback goes into a file unless the line says it all."""
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        place = error.filename or "a file"
        return (
            f"{place} cannot be written or read: {error.strerror}; what was saved before is as it "
            "was; do make room or mend it, then run the same command"
        )
    cause = (str(error).strip().splitlines() or [""])[0][:300]
    writes = command is not None and command.cluster.is_chief
    directory = command.directory if writes else None
    place = error_log.write(traceback.format_exc(), directory) or "no file: none can be written"
    return f"{type(error).__name__}: {cause} (the whole of it: {place})"


def _tell(code: int, message: str) -> int:
    print("snas_tf:", " ".join(message.split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(run())
