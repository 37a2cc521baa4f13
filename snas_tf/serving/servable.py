# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What can be written and verified, whatever a request to it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from snas_tf.networks import ImageNetwork
from snas_tf.serving.signatures import Signature


class Servable(Protocol):
    """A network with all that stands between it and a client.

    Attributes:
        network: The network.
        class_names: Name of each class.
        most_images: Examples that a request may hold.
    """

    network: ImageNetwork
    class_names: Sequence[str]
    most_images: int

    def signatures(self) -> Mapping[str, Signature]:
        """{name: the function that is served}."""
        ...
