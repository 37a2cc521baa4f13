# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The child network: the one operation that a genotype keeps on each edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from snas_tf import space
from snas_tf.layers import (
    AuxiliaryHead,
    BNReLU,
    Classifier,
    DropPath,
    DropPathFactors,
    ResidualReduction,
    SkipConnection,
    Stem,
    Zero,
    candidate_operation,
    synchronize,
    transfer,
)
from snas_tf.networks.cells.layer_names import HEAD, block_name, cell_name, edge_name
from snas_tf.networks.cells.plain_features import features
from snas_tf.networks.cells.supernet_cell import SupernetCell, preprocessed, preprocessing
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.image_network import ImageNetwork
from snas_tf.networks.plain_operations import PlainOperations


@keras.saving.register_keras_serializable(package="snas_tf")
class ChildNetwork(ImageNetwork):
    """The network of a genotype on a skeleton: an ordinary functional Keras model.

    It takes images (batch, height, width, channels) and answers float32 logits (batch, classes).
    With an auxiliary head it answers {"logits": ..., "auxiliary": ...}; `without_auxiliary` gives
    the network to deploy.

    Args:
        genotype: The architecture.
        skeleton: The plan of the network; it may be larger than the one searched on.
        auxiliary: Whether the auxiliary classifier stands behind the cell that reduces last.
        drop_path: Greatest probability to drop an edge in training, in [0, 1).
        drop_path_steps: Training steps over which that probability rises linearly from zero.
        seed: Seed of the dropped paths.
        synchronized_batch_norm: Whether batch normalisation takes its statistics from the images of
            all replicas, as on one device.
    """

    architecture_class = space.Genotype
    skeleton_class = space.Skeleton
    options = (
        "auxiliary",
        "drop_path",
        "drop_path_steps",
        "seed",
        "synchronized_batch_norm",
    )

    def __init__(
        self,
        genotype: space.Genotype,
        skeleton: space.Skeleton,
        *,
        auxiliary: bool = False,
        drop_path: float = 0.0,
        drop_path_steps: int = 0,
        seed: int = 0,
        synchronized_batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        skeleton.check(genotype)
        plans = skeleton.plan(genotype.num_nodes)
        dtype = keras.dtype_policies.get(kwargs.pop("dtype", None) or default_policy())
        builder = _Builder(genotype, dtype)
        images = keras.Input(skeleton.image_shape, dtype="float32", name="images")
        if drop_path:
            num_paths = sum(len(genotype.connections(plan.kind)) for plan in plans)
            builder.factors = DropPathFactors(
                num_paths, drop_path, drop_path_steps, seed, name="drop_path_factors"
            )(images)
        stem = Stem(skeleton.stem, skeleton.init_channels, dtype=dtype, name="stem")
        before, last = stem(images)
        auxiliary_logits = None
        for plan in plans:
            if plan.block:
                last = builder.block(plan, last)
            before, last = last, builder.cell(plan, (before, last)[-plan.num_inputs :])
            if auxiliary and plan.index == skeleton.reduction_indices[-1]:
                head = AuxiliaryHead(
                    skeleton.num_classes, skeleton.stem, dtype=dtype, name="auxiliary"
                )
                auxiliary_logits = head(last)
        if skeleton.is_residual:
            last = BNReLU(dtype=dtype, name=HEAD)(last)
        logits = Classifier(skeleton.num_classes, name="classifier")(last)
        outputs = {"logits": logits, "auxiliary": auxiliary_logits} if auxiliary else logits
        super().__init__(inputs=images, outputs=outputs, **{"name": "child", **kwargs})
        self.dtype_policy = dtype
        self.genotype = genotype
        self.skeleton = skeleton
        self.auxiliary = auxiliary
        self.drop_path = drop_path
        self.drop_path_steps = drop_path_steps
        self.seed = seed
        self.synchronized_batch_norm = synchronized_batch_norm
        if synchronized_batch_norm:
            synchronize(self)

    @property
    def cost(self) -> space.Cost:
        """Its exact cost, without the auxiliary head."""
        return space.cost(self.genotype, self.skeleton)

    def take_cell(self, cell: SupernetCell) -> None:
        """Copies into one cell the weights that the genotype keeps of a supernet's cell.

        Args:
            cell: The supernet's cell of the same plan.
        """
        prefix = cell_name(cell.plan)
        for source, layer in enumerate(cell.preprocessing):
            transfer(layer, self.get_layer(f"{prefix}_preprocess_{source}"))
        for connection in self.genotype.connections(cell.plan.kind):
            operation, position = cell.edge_operation(connection)
            transfer(operation, self.get_layer(edge_name(cell.plan, connection)), position)

    def plain_features(
        self, operations: PlainOperations, images: keras.KerasTensor
    ) -> keras.KerasTensor:
        """See `ImageNetwork`."""
        return features(self, operations, images)


class _Builder:
    """Builds the cells of a child network, one after the other."""

    def __init__(self, genotype: space.Genotype, dtype: Any) -> None:
        self.genotype = genotype
        self.dtype = dtype
        self.factors: keras.KerasTensor | None = None
        self.paths = 0

    def block(self, plan: space.CellPlan, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """The residual block before a cell."""
        layer = ResidualReduction(plan.block.channels, dtype=self.dtype, name=block_name(plan))
        return layer(inputs)

    def cell(self, plan: space.CellPlan, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """One cell; a node without inputs is zeros."""
        prefix = cell_name(plan)
        nodes = [*inputs]
        layers = preprocessing(plan, affine=True, dtype=self.dtype, prefix=f"{prefix}_")
        for position, layer in enumerate(layers):
            nodes[position] = preprocessed(layer, inputs[position])
        connections = self.genotype.connections(plan.kind)
        # What leads to no output stays part of the network, as in the papers': Keras would leave
        # out an unused input's preprocessing, the cells that only it leads to, and all edges into
        # an unused node.
        sums_up = plan.output == "last_node"
        meeting = plan.nodes[-1 if sums_up else 0]
        used = {connection.source for connection in connections}
        unused = {*(range(meeting) if sums_up else range(plan.num_inputs))} - used
        for node in plan.nodes:
            arriving = [
                self.edge(plan, connection, nodes[connection.source])
                for connection in connections
                if connection.node == node
            ]
            if node == meeting:
                arriving += [
                    self.nothing(
                        f"{prefix}_{source}_{node}_none", plan.edge_stride(source), nodes[source]
                    )
                    for source in sorted(unused)
                ]
            example = nodes[plan.num_inputs - 1]
            nodes.append(self.total(f"{prefix}_node_{node}", plan, arriving, example))
        if sums_up:
            return nodes[-1]
        concatenate = keras.layers.Concatenate(name=f"{prefix}_output", dtype=self.dtype)
        return concatenate(nodes[plan.num_inputs :])

    def edge(
        self, plan: space.CellPlan, connection: space.Connection, source: keras.KerasTensor
    ) -> keras.KerasTensor:
        """One edge; identities are never dropped."""
        name = edge_name(plan, connection)
        stride = plan.edge_stride(connection.source)
        layer = candidate_operation(
            connection.operation, stride=stride, dtype=self.dtype, name=name
        )
        (output,) = layer(source)
        self.paths += 1
        if self.factors is None or isinstance(layer, SkipConnection):
            return output
        drop = DropPath(self.paths - 1, dtype=self.dtype, name=f"{name}_drop_path")
        return drop(output, self.factors)

    def total(
        self,
        name: str,
        plan: space.CellPlan,
        arriving: list[keras.KerasTensor],
        example: keras.KerasTensor,
    ) -> keras.KerasTensor:
        """The sum of the edges that arrive at a node."""
        if not arriving:
            return self.nothing(name, plan.stride, example)
        if len(arriving) == 1:
            return arriving[0]
        return keras.layers.Add(name=name, dtype=self.dtype)(arriving)

    def nothing(self, name: str, stride: int, source: keras.KerasTensor) -> keras.KerasTensor:
        """Zeros in the shape of a node, from another one."""
        return Zero(stride=stride, dtype=self.dtype, name=name)(source)[0]
