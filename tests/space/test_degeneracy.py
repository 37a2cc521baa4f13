# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What goes astray in a search of any decisions; what is wrong with cells is tested beside them."""

import dataclasses

import numpy as np

from snas_tf import space

SPACE = space.ProductSpace(
    [
        space.Decision("filters", ["a", "b", "c"], ["8", "16", "32", "64"]),
        space.Decision("kernel", ["a", "b"], ["3", "5"]),
    ]
)


def after(filters, kernel):
    """Both decisions, with these probabilities of their first option in every place."""
    found = {}
    for decision, first in zip(SPACE.decisions, (filters, kernel), strict=True):
        places, options = decision.shape
        found[decision.name] = np.full((1, places, options), (1 - first) / (options - 1))
        found[decision.name][..., 0] = first
    return found


def history(*epochs):
    return {
        name: np.concatenate([after(*epoch)[name] for epoch in epochs])
        for name in ("filters", "kernel")
    }


def told(searched, probabilities, **arguments):
    found = space.degeneracies(probabilities, searched, epochs=8, **arguments)
    return [(record.what, record.decision, record.epoch, record.until) for record in found]


def test_a_decision_without_cells_collapses_too():
    probabilities = history((0.25, 0.5), (0.99, 0.5), (0.25, 0.99))
    assert told(SPACE, probabilities) == [
        ("entropy collapse", "filters", 2, 2),
        ("entropy collapse", "kernel", 3, None),
    ]
    assert told(SPACE, probabilities, uses=("kernel",)) == [("entropy collapse", "kernel", 3, None)]
    first, _ = space.degeneracies(probabilities, SPACE, epochs=8)
    assert first.sentence.startswith("the decision filters is decided too early, with 6 of 8")


def test_numbers_that_are_none_are_told():
    probabilities = history((0.25, 0.5), (np.nan, 0.5))
    assert told(SPACE, probabilities) == [("diverged", "filters", 2, None)]


@dataclasses.dataclass(frozen=True)
class Watched(space.ProductSpace):
    """A space that calls its decisions by other names and dislikes the smallest filters."""

    def title(self, decision):
        return f"{decision} of all layers"

    def defects(self, architecture, decision):
        if "8" in architecture[decision]:
            yield "thin", f"the {self.title(decision)} are few; do widen them"


def test_a_space_may_look_for_defects_of_its_own_where_something_is_decided():
    probabilities = history((0.4, 0.5), (0.6, 0.6), (0.6, 0.6))
    watched = Watched(SPACE.decisions)
    assert told(watched, probabilities) == [("thin", "filters", 2, None)]
    assert told(SPACE, probabilities) == []
    ((*_, record),) = [space.degeneracies(probabilities, watched, epochs=8)]
    assert record.sentence == "the filters of all layers are few; do widen them"
