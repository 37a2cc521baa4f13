# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of a model with choices for a program, which saves, measures and serves what it finds.

`ChoiceSupernet.child` is all that a program of your own needs: a functional model and no more. Here
the child knows its architecture, and how to be made anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from snas_tf import space
from snas_tf.networks import trainability
from snas_tf.networks.choices.choice_supernet import ChoiceSupernet
from snas_tf.networks.choices.open_layers import left_open
from snas_tf.networks.choices.recorded_sizes import recorded_sizes, restore_sizes
from snas_tf.networks.default_policy import default_policy
from snas_tf.networks.image_network import ImageNetwork
from snas_tf.networks.traced_cost import multiply_adds
from snas_tf.space.choices.choice_plan import ChoicePlan
from snas_tf.space.choices.choice_space import choice_space

if TYPE_CHECKING:
    from snas_tf.networks.plain_operations import PlainOperations

_POLICY = "DTypePolicy"
_HALVES = ("bfloat16", "float16")


@keras.saving.register_keras_serializable(package="snas_tf")
class ChoiceNetwork(ImageNetwork):
    """The network of an architecture of a model with choices: an ordinary functional Keras model.

    Its layers are those of the model, Keras's and the user's own, and what was chosen in place of
    the open ones. Its weights are new.

    Args:
        genotype: The architecture.
        skeleton: The network itself as plain data, see `child_plan`.
    """

    architecture_class = space.Selection
    skeleton_class = ChoicePlan
    options = ()

    def __init__(
        self, genotype: space.Selection, skeleton: ChoicePlan, *, dtype: Any = None, **kwargs: Any
    ) -> None:
        policy = None if dtype is None else keras.dtype_policies.get(dtype)
        child = restored(skeleton, policy and policy.name)
        super().__init__(
            inputs=child.inputs[0], outputs=child.outputs[0], **{"name": "child", **kwargs}
        )
        self.dtype_policy = policy or default_policy()
        self.genotype = genotype
        self.skeleton = skeleton

    @property
    def cost(self) -> space.Cost:
        """Its exact cost: trainable weights, and multiply-adds of whatever its layers compute."""
        weights = {id(weight): weight.shape for weight in self.trainable_weights}
        return space.Cost(
            parameters=sum(int(np.prod(shape)) for shape in weights.values()),
            multiply_adds=multiply_adds(keras.Model(self.inputs, self.outputs)),
        )

    def plain_outputs(
        self, operations: PlainOperations, inputs: keras.KerasTensor, activation: str | None
    ) -> keras.KerasTensor:
        """See `ImageNetwork`; the layers are copies, in the dtype of the operations."""
        other = self.alike(dtype=operations.dtype)
        other.take_weights(self)
        trainability.restore(other, trainability.flags(self), missing=True)
        answer = _called(other, inputs)
        if activation:
            answer = keras.layers.Activation(activation, dtype="float32", name=activation)(answer)
        return answer


@keras.saving.register_keras_serializable(package="snas_tf")
class PlannedChoiceSupernet(ChoiceSupernet):
    """A `ChoiceSupernet` of a plan, whose children are `ChoiceNetwork`s.

    Args:
        skeleton: The model.
        name: Name of the network; None is the model's.
    """

    def __init__(self, skeleton: ChoicePlan, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(restored(skeleton), name=name, **kwargs)
        self.skeleton = skeleton

    def child(self, architecture: space.Selection) -> ChoiceNetwork:
        """See `ChoiceSupernet`; the child knows its architecture and the plan."""
        found = super().child(architecture)
        network = ChoiceNetwork(architecture, _with_model(self.skeleton, found))
        network.take_weights(found)
        trainability.restore(network, trainability.flags(found), missing=True)
        return network

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "skeleton": self.skeleton.get_config()}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: object = None
    ) -> PlannedChoiceSupernet:
        """Restores the network from `get_config`."""
        return cls(ChoicePlan.from_config(config["skeleton"]), name=config["name"])


def written(model: keras.Model) -> str:
    """A model as JSON, for a `ChoicePlan`: its layers and their settings, without weights."""
    layers = keras.saving.serialize_keras_object(model)
    return json.dumps({"model": layers, "open_sizes": recorded_sizes(model)})


def restored(plan: ChoicePlan, policy: str | None = None) -> keras.Model:
    """The model of a plan, with new weights.

    Args:
        plan: The plan.
        policy: Dtype policy of its layers, but of those that the plan keeps in float32 among
            others; None for those that the plan says.
    """
    config = json.loads(plan.model)
    if policy:
        config = _in_policy(config, policy, kept={*_policies(config)} - {"float32"} != set())
    model = keras.saving.deserialize_keras_object(config["model"])
    restore_sizes(model, config["open_sizes"])
    return model


@functools.lru_cache(maxsize=8)
def supernet_of(plan: ChoicePlan) -> PlannedChoiceSupernet:
    """The supernet of a plan, made once: to ask for costs and children, not to be trained."""
    with undisturbed():
        return PlannedChoiceSupernet(plan)


@functools.lru_cache(maxsize=4096)
def child_plan(plan: ChoicePlan, architecture: space.Selection) -> ChoicePlan:
    """The network of an architecture as plain data.

    Args:
        plan: The model that it is one of.
        architecture: One of its space.

    Returns:
        A plan for `ChoiceNetwork`, of the child alone.

    Raises:
        InvalidInput: The architecture is of another space.
    """
    supernet = supernet_of(plan)
    with undisturbed():
        return _with_model(plan, ChoiceSupernet.child(supernet, architecture))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Whatever is built within it takes no seed from what is built behind it."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


def alike(one: ChoicePlan, other: ChoicePlan) -> bool:
    """Whether two plans have the same networks, whatever their dtypes."""
    models = [_in_policy(json.loads(plan.model), "float32") for plan in (one, other)]
    sizes = [(plan.num_classes, plan.image_shape) for plan in (one, other)]
    return models[0] == models[1] and sizes[0] == sizes[1]


def space_of(model: keras.Model) -> space.ProductSpace:
    """What a model leaves open."""
    return choice_space(left_open(model))


def _with_model(plan: ChoicePlan, model: keras.Model) -> ChoicePlan:
    return dataclasses.replace(plan, model=written(model))


def _called(network: keras.Model, inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Calls the layers of a network, one by one, on other inputs."""
    last = keras.layers.Identity(name="behind_the_last")
    answers = []

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer is last:
            answers.append(args[0])
        return layer(*args, **kwargs)

    # What it returns begins with inputs of its own, wherever these came from.
    keras.models.clone_model(
        keras.Model(network.inputs, last(network.outputs[0])),
        input_tensors=[inputs],
        clone_function=lambda layer: layer,
        call_function=call,
    )
    return answers[0]


def _policies(config: Any) -> Iterator[str]:
    """The names of the policies in a config."""
    if isinstance(config, dict) and config.get("class_name") == _POLICY:
        yield config["config"]["name"]
    elif isinstance(config, dict | list):
        for part in config.values() if isinstance(config, dict) else config:
            yield from _policies(part)


def _in_policy(config: Any, policy: str, kept: bool = False) -> Any:
    """A config in which every layer has a policy; with `kept`, what is in float32 keeps that."""
    if isinstance(config, list):
        return [_in_policy(part, policy, kept) for part in config]
    if not isinstance(config, dict):
        # So is what a tensor between layers holds; nothing else in a config has such a name.
        return policy if policy == "float32" and config in _HALVES else config
    if config.get("class_name") == _POLICY:
        stays = kept and policy != "float32" and config["config"]["name"] == "float32"
        return config if stays else {**config, "config": {**config["config"], "name": policy}}
    return {key: _in_policy(value, policy, kept) for key, value in config.items()}
