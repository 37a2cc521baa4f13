# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space is plain data: it works where TensorFlow is not."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
PROGRAM = """
import sys

BLOCKED = {"tensorflow", "keras", "tensorflow_probability", "tf_keras"}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocker())
from snas_tf import space
import snas_tf

genotype = space.PUBLISHED["SNAS_MILD"]
assert space.Genotype.from_json(genotype.to_json()) == genotype
cells = space.CellSpace()
skeleton = space.Skeleton(
    num_cells=20, init_channels=36, num_classes=10, image_shape=(32, 32, 3)
)
tables = space.edge_costs(cells, skeleton)
cells.decode({kind: table[..., 0] for kind, table in tables.items()})
print(space.cost(genotype, skeleton).parameters)
try:
    snas_tf.Supernet
except ImportError:
    print("blocked")
assert not BLOCKED & {*sys.modules}
"""


def test_it_works_without_tensorflow_and_keras(tmp_path):
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["2663542", "blocked"]
