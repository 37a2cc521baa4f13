# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a client calls: the names of the signatures, and of the tensor that each takes."""

IMAGE_SIGNATURE = "serving_default"
IMAGE = "image"
EXAMPLE = "example"
"""The input of `IMAGE_SIGNATURE`; the second where examples are no images."""

BYTES_SIGNATURE = "image_bytes"
BYTES = "image_bytes"
