# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where evaluations run: in this process, in others of this machine, on a cluster."""

from snas_tf.black_box.executors.dask import Dask
from snas_tf.black_box.executors.processes import InThisProcess, Processes

__all__ = ["Dask", "InThisProcess", "Processes"]
