# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""`python -m snas_tf` is the command `snas-tf`."""

import sys

from snas_tf.main import run

if __name__ == "__main__":
    sys.exit(run())
