# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations of the search space and the other pieces of the networks.

And the layers that leave something open in a model of the user's own.
"""

from snas_tf.layers.cells.drop_path import DropPath, DropPathFactors
from snas_tf.layers.cells.mixed_operation import MixedOperation
from snas_tf.layers.cells.operations import (
    FactorizedReduction,
    SkipConnection,
    Zero,
    candidate_operation,
)
from snas_tf.layers.cells.ordinary_convolution import Convolution
from snas_tf.layers.cells.pooling import AveragePooling, MaxPooling, PlainAveragePooling
from snas_tf.layers.cells.residual_reduction import ResidualReduction
from snas_tf.layers.cells.separable_operations import DilatedConvolution, SeparableConvolution
from snas_tf.layers.cells.stem import ReLUConvBN, Stem
from snas_tf.layers.choices.choice import Choice
from snas_tf.layers.choices.input_choice import InputChoice
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.layers.choices.repeat import Repeat
from snas_tf.layers.edge_operation import EdgeOperation, NormalizedOperation
from snas_tf.layers.heads import AuxiliaryHead, BNReLU, Classifier
from snas_tf.layers.normalization.batch_normalization import BatchNormalization
from snas_tf.layers.normalization.of_networks import running_statistics, synchronize
from snas_tf.layers.weight_transfer import transfer

__all__ = [
    "AuxiliaryHead",
    "AveragePooling",
    "BNReLU",
    "BatchNormalization",
    "Choice",
    "Classifier",
    "Convolution",
    "DilatedConvolution",
    "DropPath",
    "DropPathFactors",
    "EdgeOperation",
    "FactorizedReduction",
    "InputChoice",
    "MaxPooling",
    "MixedOperation",
    "NormalizedOperation",
    "OpenLayer",
    "PlainAveragePooling",
    "ReLUConvBN",
    "Repeat",
    "ResidualReduction",
    "SeparableConvolution",
    "SkipConnection",
    "Stem",
    "Zero",
    "candidate_operation",
    "running_statistics",
    "synchronize",
    "transfer",
]
