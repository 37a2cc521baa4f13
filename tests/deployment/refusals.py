# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the stand-in says no: tests only."""

import grpc


class Refusal(Exception):
    """A request is answered by a status.

    Attributes:
        code: The status.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
