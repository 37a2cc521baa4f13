# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What can be built: decisions and spaces of them, costs, cells, skeletons, genotypes.

Plain data, without TensorFlow.
"""

from snas_tf.space.budget import Budget, Limit, limits
from snas_tf.space.cells.cell_cost_table import cell_cost_table
from snas_tf.space.cells.cell_plan import BlockPlan, CellPlan
from snas_tf.space.cells.cell_space import KINDS, OUTPUTS, CellSpace, Edge, cell_title
from snas_tf.space.cells.costs import cell_costs, child_costs, cost, edge_costs
from snas_tf.space.cells.derivation import RULES
from snas_tf.space.cells.genotype import Connection, Genotype
from snas_tf.space.cells.latency_table import LatencyTable
from snas_tf.space.cells.nas_bench_201 import nas_bench_201_cells, nas_bench_201_skeleton
from snas_tf.space.cells.network_pieces import Piece, pieces
from snas_tf.space.cells.operation import Execution, Kept, Operation, Place
from snas_tf.space.cells.operations import (
    OPERATIONS,
    is_operation,
    operation,
    operation_cost,
)
from snas_tf.space.cells.primitives import PRIMITIVES
from snas_tf.space.cells.published import PUBLISHED
from snas_tf.space.cells.skeleton import REDUCTIONS, STEMS, Skeleton, stem_convolutions
from snas_tf.space.cells.step_memory import child_step_memory, step_memory
from snas_tf.space.chains.chain import ChainPlan, chain_cost, chain_space
from snas_tf.space.cost import Cost, convolution_cost
from snas_tf.space.cost_table import CostTable
from snas_tf.space.decision import Architecture, Decision, DecisionSpace, Space, title
from snas_tf.space.degeneracy import (
    ENTROPY_COLLAPSE,
    Condition,
    Degeneracy,
    degeneracies,
    degeneracies_after,
)
from snas_tf.space.derivation import derive, drawn, most_probable, within_reach
from snas_tf.space.graphs.baselines import GRAPH_BASELINES, graph_baseline
from snas_tf.space.graphs.costs import graph_cost, graph_cost_table
from snas_tf.space.graphs.graph_space import GraphPlace, GraphSpace, graph_decision
from snas_tf.space.graphs.operations import EDGE_OPERATIONS, ENTITY_OPERATIONS
from snas_tf.space.graphs.skeleton import TASKS, GraphSkeleton
from snas_tf.space.morphs.layer_graph import LayerGraph
from snas_tf.space.morphs.layer_graph_cost import layer_graph_cost, training_bytes
from snas_tf.space.morphs.morph import Morph
from snas_tf.space.morphs.morph_plan import AnyLayerGraph, MorphPlan
from snas_tf.space.morphs.morph_space import MorphSpace
from snas_tf.space.morphs.roots import convolutional_root, dense_root
from snas_tf.space.product_space import ProductSpace, Selection
from snas_tf.space.step_memory import StepMemory

__all__ = [
    "EDGE_OPERATIONS",
    "ENTITY_OPERATIONS",
    "ENTROPY_COLLAPSE",
    "GRAPH_BASELINES",
    "KINDS",
    "OPERATIONS",
    "OUTPUTS",
    "PRIMITIVES",
    "PUBLISHED",
    "REDUCTIONS",
    "RULES",
    "STEMS",
    "TASKS",
    "AnyLayerGraph",
    "Architecture",
    "BlockPlan",
    "Budget",
    "CellPlan",
    "CellSpace",
    "ChainPlan",
    "Condition",
    "Connection",
    "Cost",
    "CostTable",
    "Decision",
    "DecisionSpace",
    "Degeneracy",
    "Edge",
    "Execution",
    "Genotype",
    "GraphPlace",
    "GraphSkeleton",
    "GraphSpace",
    "Kept",
    "LatencyTable",
    "LayerGraph",
    "Limit",
    "Morph",
    "MorphPlan",
    "MorphSpace",
    "Operation",
    "Piece",
    "Place",
    "ProductSpace",
    "Selection",
    "Skeleton",
    "Space",
    "StepMemory",
    "cell_cost_table",
    "cell_costs",
    "cell_title",
    "chain_cost",
    "chain_space",
    "child_costs",
    "child_step_memory",
    "convolution_cost",
    "convolutional_root",
    "cost",
    "degeneracies",
    "degeneracies_after",
    "dense_root",
    "derive",
    "drawn",
    "edge_costs",
    "graph_baseline",
    "graph_cost",
    "graph_cost_table",
    "graph_decision",
    "is_operation",
    "layer_graph_cost",
    "limits",
    "most_probable",
    "nas_bench_201_cells",
    "nas_bench_201_skeleton",
    "operation",
    "operation_cost",
    "pieces",
    "stem_convolutions",
    "step_memory",
    "title",
    "training_bytes",
    "within_reach",
]
