# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet: every candidate operation on every edge of every cell, weighted by samples of Z."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import Samples
from snas_tf.layers import BNReLU, Classifier, ResidualReduction, Stem
from snas_tf.networks.cells.child_network import ChildNetwork
from snas_tf.networks.cells.image_check import check_images
from snas_tf.networks.cells.layer_names import HEAD, block_name, cell_name
from snas_tf.networks.cells.supernet_cell import SupernetCell
from snas_tf.networks.planned_supernet import PlannedSupernet
from snas_tf.networks.recalibration import recalibrate
from snas_tf.networks.rematerialization import rematerialized


@keras.saving.register_keras_serializable(package="snas_tf")
class Supernet(PlannedSupernet):
    """The parent network of the search.

    It draws nothing itself: the architecture comes in as an argument. Batch normalisation inside
    the cells has no scale and shift, as in the paper's search.

    Args:
        cells: The cell space.
        skeleton: The plan of the network: cells, channels, resolutions.
        rematerialize: Whether a cell keeps only its inputs for the backward pass of a training step
            and is computed again there: a third of the memory at the paper's size, for a sixth more
            time. What the step computes stays the same, to rounding.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the images of
            all replicas, as on one device; otherwise each replica has its own.

    Call arguments:
        images: (batch, height, width, channels) of the skeleton's `image_shape`.
        samples: {kind: float32 (edges, ops)} for every kind of cell: relaxed samples, probabilities
            or one-hot rows.
        training: Whether batch normalisation uses and updates the batch's statistics.
        one_hot: Whether all rows of the samples are one-hot. Then only the operation that each
            chooses runs, an eighth of the work: the others update no running statistics, and the
            gradient of their weights and of their entries in the samples is zero.

    Returns:
        float32 logits (batch, classes).
    """

    space_class = space.CellSpace
    skeleton_class = space.Skeleton
    space_argument = "cells"
    examples = "images"
    options = ("rematerialize", "synchronized_batch_norm")

    def __init__(
        self,
        cells: space.CellSpace,
        skeleton: space.Skeleton,
        *,
        rematerialize: bool = False,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        skeleton.check(cells)
        super().__init__(
            cells,
            skeleton,
            space.cell_cost_table(cells, skeleton),
            synchronized_batch_norm=synchronized_batch_norm,
            settings={"rematerialize": rematerialize},
            **kwargs,
        )

    def make_layers(self) -> None:
        """See `PlannedSupernet`."""
        skeleton = self.skeleton
        self.stem = Stem(
            skeleton.stem, skeleton.init_channels, dtype=self.dtype_policy, name="stem"
        )
        plans = skeleton.plan(self.space.num_nodes)
        self.cell_layers = [
            SupernetCell(self.space, plan, dtype=self.dtype_policy, name=cell_name(plan))
            for plan in plans
        ]
        self.blocks = [
            ResidualReduction(plan.block.channels, dtype=self.dtype_policy, name=block_name(plan))
            for plan in plans
            if plan.block
        ]
        self.head = BNReLU(dtype=self.dtype_policy, name=HEAD) if skeleton.is_residual else None
        self.classifier = Classifier(skeleton.num_classes, name="classifier")

    def build(self, input_shape: object = None) -> None:
        """Creates all weights from the plan, so that no batch is needed to do so."""
        if self.built:
            return
        self.stem.build((None, *self.skeleton.image_shape))
        for cell in self.cell_layers:
            cell.build()
        plans = [cell.plan for cell in self.cell_layers]
        for block, plan in zip(self.blocks, (p.block for p in plans if p.block), strict=True):
            block.build((None, *plan.input_resolution, plan.input_channels))
        features = (None, *plans[-1].resolution, plans[-1].output_channels)
        if self.head:
            self.head.build(features)
        self.classifier.build(features)
        self.built = True

    def call(
        self,
        images: tf.Tensor,
        samples: Samples,
        training: bool = False,
        one_hot: bool = False,
    ) -> tf.Tensor:
        """Images and samples of Z to logits; see the class."""
        before, last = self.stem(images, training=training)
        blocks = iter(self.blocks)
        for cell in self.cell_layers:
            if cell.plan.block:
                last = next(blocks)(last, training=training)
            inputs = (before, last)[-self.space.num_inputs :]
            before, last = last, self._cell(cell, inputs, samples, training, one_hot)
        if self.head:
            last = self.head(last, training=training)
        return self.classifier(last)

    def _cell(
        self,
        cell: SupernetCell,
        inputs: tuple[tf.Tensor, ...],
        samples: Samples,
        training: bool,
        one_hot: bool,
    ) -> tf.Tensor:
        chosen = self._chosen if one_hot else None

        def function(*arguments: tf.Tensor) -> tf.Tensor:
            *inputs, samples = arguments
            return cell(tuple(inputs), samples, training=training, chosen=chosen)

        arguments = (*inputs, samples[cell.plan.kind])
        if self.rematerialize and training:
            return rematerialized(function, *arguments)
        return function(*arguments)

    def check_inputs(self, x: Any) -> None:
        """Checks images or a data set of them, see `check_images`.

        Args:
            x: What `fit`, `evaluate`, `predict` or a call is given.

        Raises:
            ValueError: They have another shape than the skeleton says, or are no numbers.
        """
        check_images(x, self.skeleton)

    def child(self, genotype: space.Genotype, **kwargs: Any) -> ChildNetwork:
        """The network of a genotype with this supernet's weights inside.

        Its answers are those of the supernet under the genotype's one-hot Z. Batch normalisation
        gets a scale of one and a shift of zero, which further training may move.

        Args:
            genotype: An architecture of this cell space.
            **kwargs: Further arguments of `ChildNetwork`.

        Returns:
            The child network.

        Raises:
            InvalidInput: The genotype does not belong to the cell space.
        """
        genotype.validate(self.space)
        child = ChildNetwork(genotype, self.skeleton, **{"dtype": self.dtype_policy, **kwargs})
        ends = [self.stem, self.classifier, *([self.head] if self.head else [])]
        for layer in (*ends, *self.blocks):
            child.get_layer(layer.name).set_weights(layer.get_weights())
        for cell in self.cell_layers:
            child.take_cell(cell)
        return child

    def refresh_statistics(
        self, images: Iterable[Any], samples: Samples | Callable[[tf.Tensor], Samples]
    ) -> None:
        """Replaces the running statistics of batch normalisation by those of some images.

        As `ChildNetwork.refresh_statistics`; on one device.

        Args:
            images: Batches (batch, height, width, channels), of any sizes, each once.
            samples: What the supernet is called with; or a function of the batch's number, int32,
                that draws it for every batch.
        """

        def forward(batch: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
            drawn = samples(number) if callable(samples) else samples
            return self(batch, drawn, training=True)

        recalibrate(self, forward, images)
