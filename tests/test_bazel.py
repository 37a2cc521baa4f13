# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""BUILD tells the truth: every file has one target, and every import is a declared dependency.

BUILD is Starlark, of which it uses only what Python shares, so it runs here with recording rules.
"""

import ast
import pathlib
import re
import sys

import pytest

import snas_tf

ROOT = pathlib.Path(__file__).parents[1]
PIP_NAMES = {
    "absl": "absl-py",
    "etils": "etils",
    "keras": "keras",
    "matplotlib": "matplotlib",
    "ml_collections": "ml-collections",
    "numpy": "numpy",
    "rich": "rich",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_probability": "tensorflow-probability",
}


@pytest.fixture(scope="module")
def targets():
    recorded = {}

    def rule(name, **attributes):
        assert name not in recorded
        recorded[name] = attributes

    def glob(patterns, exclude=()):
        return sorted(str(path.relative_to(ROOT)) for p in patterns for path in ROOT.glob(p))

    ignored = dict.fromkeys(["load", "licenses", "exports_files"], lambda *_: None)
    rules = dict.fromkeys(["py_library", "py_binary", "py_test"], rule)
    names = {**ignored, **rules, "glob": glob, "requirement": lambda name: f"@pip//:{name}"}
    exec(compile((ROOT / "BUILD").read_text(), "BUILD", "exec"), names)
    return recorded


def library_targets(targets):
    return {
        name: attributes
        for name, attributes in targets.items()
        if any(source.startswith("snas_tf/") for source in attributes.get("srcs", ()))
    }


def owners(targets):
    """{source file: target}."""
    return {
        source: name
        for name, attributes in library_targets(targets).items()
        for source in attributes["srcs"]
    }


def imports(source):
    """Names of the modules that a file imports when it runs, those of functions included."""
    tree = ast.parse((ROOT / source).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(module):
    """The file that an import of snas_tf reads: a module, or the package that holds the name."""
    parts = module.split(".")
    while parts:
        for path in ("/".join(parts) + ".py", "/".join(parts) + "/__init__.py"):
            if (ROOT / path).exists():
                return path
        parts.pop()
    raise AssertionError(module)


def needed(source, owner):
    for module in imports(source):
        top = module.split(".")[0]
        if top == "snas_tf":
            target = owner[file_of(module)]
            if target != owner[source]:
                yield f":{target}"
        elif top not in sys.stdlib_module_names:
            yield f"@pip//:{PIP_NAMES[top]}"


def reachable(targets, name):
    seen, todo = set(), [name]
    while todo:
        for dependency in targets[todo.pop()].get("deps", ()):
            if dependency not in seen:
                seen.add(dependency)
                todo += [dependency[1:]] if dependency.startswith(":") else []
    return seen


def test_every_file_of_the_package_has_one_target(targets):
    sources = [s for target in library_targets(targets).values() for s in target["srcs"]]
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "snas_tf").rglob("*.py")]
    assert sorted(sources) == sorted(files)


def test_every_import_is_a_dependency(targets):
    owner = owners(targets)
    for name, attributes in library_targets(targets).items():
        declared = reachable(targets, name)
        for source in attributes["srcs"]:
            missing = set(needed(source, owner)) - declared
            assert not missing, f"{source} imports {missing}, which :{name} does not depend on"


def test_every_dependency_of_the_package_is_imported(targets):
    owner = owners(targets)
    for name, attributes in library_targets(targets).items():
        used = {need for source in attributes["srcs"] for need in needed(source, owner)}
        declared = {d for d in attributes.get("deps", ()) if d.startswith(":")}
        assert declared <= used, f":{name} does not use {declared - used}"


def test_no_target_depends_on_itself(targets):
    for name in targets:
        assert f":{name}" not in reachable(targets, name)


def test_every_test_has_a_target(targets):
    listed = {s for name, t in targets.items() if name.endswith("_test") for s in t["srcs"]}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    assert files <= listed


def test_requirements_are_locked(targets):
    lock = (ROOT / "requirements.lock").read_text().lower().replace("_", "-")
    for attributes in targets.values():
        for dependency in attributes.get("deps", ()):
            if dependency.startswith("@pip//:"):
                assert re.search(rf"^{dependency[7:]}==", lock, re.MULTILINE), dependency


def test_the_module_has_the_version_of_the_package():
    assert f'version = "{snas_tf.__version__}"' in (ROOT / "MODULE.bazel").read_text()
