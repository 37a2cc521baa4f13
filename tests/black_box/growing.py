# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""An open-ended space without decisions: words that grow from a root, with their own metric."""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Word:
    letters: str

    def to_json(self):
        return json.dumps(self.letters)


class Words:
    """Letters are put in anywhere, never taken out; the distance is the one of Levenshtein."""

    root = Word("r")

    def __init__(self):
        self.asked = 0

    def sample(self, rng):
        return self.mutate(self.root, rng)

    def mutate(self, word, rng):
        place = rng.integers(len(word.letters) + 1)
        letter = "abc"[rng.integers(3)]
        return Word(word.letters[:place] + letter + word.letters[place:])

    def from_json(self, text):
        return Word(json.loads(text))

    def descends(self, ancestor, word):
        rest = iter(word.letters)
        return all(letter in rest for letter in ancestor.letters)

    def distance(self, one, other):
        self.asked += 1
        row = [*range(len(other.letters) + 1)]
        for number, letter in enumerate(one.letters, 1):
            before, row = row, [number]
            for column, theirs in enumerate(other.letters, 1):
                replaced = before[column - 1] + (letter != theirs)
                row.append(min(row[-1] + 1, before[column] + 1, replaced))
        return row[-1]


def evaluate(word):
    """The most for six letters a, and the root's r."""
    return {"accuracy": 10.0 - abs(word.letters.count("a") - 6) - len(word.letters) / 10}
