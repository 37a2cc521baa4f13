# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""BUILD tells the truth: every file has its target, and every import is a declared dependency.

Bazel's files are Starlark, of which they use only what Python shares, so they run here with
recording rules. `make bazel` runs them in Bazel.
"""

import ast
import pathlib
import re
import sys
import types

import pytest

import snas_tf

ROOT = pathlib.Path(__file__).parents[1]
PIP_NAMES = {
    "PIL": "pillow",
    "absl": "absl-py",
    "google": "protobuf",
    "grpc": "grpcio",
    "sklearn": "scikit-learn",
    "tensorflow_serving": "tensorflow-serving-api",
    "yaml": "pyyaml",
}
"""The packages that are not called as what they are imported by."""

SHIPPED = ("snas_tf", "export")


def run(path, **names):
    """Runs one of Bazel's files as Python; returns its global names."""
    exec(compile((ROOT / path).read_text(), path, "exec"), names)
    return names


def glob(patterns, exclude=()):
    # Bazel's ** matches files too.
    def found(pattern):
        pattern = pattern + "/*" if pattern.endswith("**") else pattern
        return {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern) if path.is_file()}

    taken = set().union(*map(found, patterns))
    return sorted(taken.difference(*map(found, exclude)))


@pytest.fixture(scope="module")
def targets():
    recorded = {}

    def rule(name, **attributes):
        assert name not in recorded
        recorded[name] = attributes

    def test_rule(name, srcs, deps=(), **attributes):
        rule(name, srcs=[*srcs, "tests/run.py"], deps=[*deps, ":test_support"], **attributes)

    ignored = dict.fromkeys(["load", "licenses", "exports_files"], lambda *_: None)
    rules = dict.fromkeys(["filegroup", "py_library", "py_binary"], rule)
    run(
        "BUILD",
        **ignored,
        **rules,
        pytest_test=test_rule,
        glob=glob,
        requirement=lambda name: f"@pip//:{name}",
    )
    return recorded


def python_targets(targets, folders):
    """The targets with Python files in some of the folders; :tree is but a list of files."""
    pattern = re.compile(rf"({'|'.join(folders)})/.*\.py")
    return {
        name: target
        for name, target in targets.items()
        if name != "tree" and any(map(pattern.fullmatch, target.get("srcs", ())))
    }


def owners(targets):
    """{source file: target}."""
    return {
        source: name
        for name, attributes in python_targets(targets, SHIPPED).items()
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


def file_of(module, source):
    """The file of this repository that an import in a file reads, or None."""
    package, _, name = module.partition(".")
    if package == "snas_tf" and name in snas_tf._HOMES:  # imported when first asked for
        module = snas_tf._HOMES[name]
    # A program finds the modules beside it.
    folders = [ROOT, (ROOT / source).parent] if source.startswith("export/") else [ROOT]
    parts = module.split(".")
    while parts:
        for folder in folders:
            for path in (
                folder.joinpath(*parts).with_suffix(".py"),
                folder.joinpath(*parts, "__init__.py"),
            ):
                if path.exists():
                    return str(path.relative_to(ROOT))
        parts.pop()
    return None


def needs(source):
    """The files of this repository and the packages of others that a file imports."""
    files, packages = set(), set()
    for module in imports(source):
        top = module.split(".")[0]
        if path := file_of(module, source):
            files.add(path)
        elif top not in sys.stdlib_module_names:
            packages.add(f"@pip//:{PIP_NAMES.get(top, top.replace('_', '-'))}")
    return files, packages


def reachable(targets, name):
    seen, todo = set(), [name]
    while todo:
        for dependency in targets[todo.pop()].get("deps", ()):
            if dependency not in seen:
                seen.add(dependency)
                todo += [dependency[1:]] if dependency.startswith(":") else []
    return seen


def visible_files(targets, name):
    """The sources that a target runs with."""
    names = [name, *(label[1:] for label in reachable(targets, name) if label.startswith(":"))]
    return {source for name in names for source in targets[name].get("srcs", ())}


def test_every_shipped_file_has_one_target(targets):
    found = [s for target in python_targets(targets, SHIPPED).values() for s in target["srcs"]]
    files = [
        str(path.relative_to(ROOT)) for name in SHIPPED for path in (ROOT / name).rglob("*.py")
    ]
    assert sorted(found) == sorted(files)


@pytest.mark.slow
def test_every_import_is_a_dependency(targets):
    for name, attributes in python_targets(targets, (*SHIPPED, "tests")).items():
        given = visible_files(targets, name) | reachable(targets, name)
        for source in attributes["srcs"]:
            missing = set.union(*needs(source)) - given
            assert not missing, f"{source} imports {missing}, which :{name} does not depend on"


@pytest.mark.slow
def test_every_dependency_of_the_package_is_imported(targets):
    owner = owners(targets)
    for name, attributes in python_targets(targets, SHIPPED).items():
        used = {f":{owner[file]}" for s in attributes["srcs"] for file in needs(s)[0]}
        declared = {d for d in attributes.get("deps", ()) if d.startswith(":")}
        assert declared <= used, f":{name} does not use {declared - used}"


def test_no_target_depends_on_itself(targets):
    for name in targets:
        assert f":{name}" not in reachable(targets, name)


def test_every_label_is_a_target_or_a_file(targets):
    for name, attributes in targets.items():
        for label in [*attributes.get("srcs", ()), *attributes.get("data", ())]:
            if not label.startswith("//"):
                assert label[1:] in targets or (ROOT / label).is_file(), f":{name} names {label}"


def test_every_file_of_the_tests_has_a_target(targets):
    listed = {
        source
        for target in python_targets(targets, ["tests"]).values()
        for source in target["srcs"]
    }
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")}
    assert files == {source for source in listed if source.startswith("tests/")}


def test_every_folder_of_tests_is_one_target(targets):
    folders = {path.parent for path in (ROOT / "tests").glob("*/test_*.py")}
    assert len(folders) >= 10
    for folder in folders:
        srcs = targets[f"{folder.name}_test"]["srcs"]
        files = {str(path.relative_to(ROOT)) for path in folder.rglob("*.py")}
        assert set(srcs) == files | {"tests/run.py"}


def test_every_test_says_how_long_it_takes(targets):
    sizes = {target["size"] for name, target in targets.items() if name.endswith("_test")}
    assert "small" in sizes and sizes <= {"small", "medium", "large", "enormous"}


@pytest.fixture(scope="module")
def workspace():
    """{name: folder of a stand-in}, and the lock file that :pip is made of."""
    folders, locks = {}, {}
    run(
        "WORKSPACE",
        load=lambda *_: None,
        local_repository=lambda name, path: folders.update({name: path}),
        pip_parse=lambda name, requirements_lock: locks.update({name: requirements_lock}),
    )
    return folders, locks


def test_the_workspace_names_folders_that_are_repositories(workspace):
    folders, locks = workspace
    assert {"rules_python", "rules_cc"} <= folders.keys()
    for name, folder in folders.items():
        assert f'workspace(name = "{name}")' in (ROOT / folder / "WORKSPACE").read_text()
    assert locks == {"pip": "//:requirements.lock"}


def test_no_folder_of_a_stand_in_is_a_package_of_this_repository(workspace):
    ignored = (ROOT / ".bazelignore").read_text().split()
    for folder in workspace[0].values():
        assert any(folder.startswith(f"{place}/") for place in ignored)


def test_the_stand_in_of_pip_has_every_requirement(workspace, targets):
    (lock,) = workspace[1].values()
    written, packages = {}, []
    names = run(
        f"{workspace[0]['rules_python']}/python/pip.bzl",
        attr=types.SimpleNamespace(label=lambda **_: None),
        repository_rule=lambda implementation, **_: implementation,
    )
    context = types.SimpleNamespace(
        name="pip",
        attr=types.SimpleNamespace(requirements_lock=lock),
        read=lambda label: (ROOT / label.removeprefix("//:")).read_text(),
        file=written.__setitem__,
    )
    names["pip_parse"](context)
    exec(written["BUILD.bazel"], {"py_library": lambda name, **_: packages.append(name)})
    exec(written["requirements.bzl"], requirements := {})
    assert len(packages) == len(set(packages))
    wanted = {d for target in targets.values() for d in target.get("deps", ()) if d[0] == "@"}
    assert len(wanted) > 10
    for label in wanted:
        target = requirements["requirement"](label.removeprefix("@pip//:"))
        assert target.removeprefix("@pip//:") in packages, label


def test_requirements_are_locked(targets):
    lock = (ROOT / "requirements.lock").read_text().lower().replace("_", "-")
    for attributes in targets.values():
        for dependency in attributes.get("deps", ()):
            if dependency.startswith("@pip//:"):
                assert re.search(rf"^{dependency[7:]}==", lock, re.MULTILINE), dependency


def test_the_module_is_this_package_on_the_locked_libraries():
    said = {}

    def record(name):
        return lambda **attributes: said.update({name: attributes})

    extension = types.SimpleNamespace(parse=record("pip"), toolchain=record("python"))
    run(
        "MODULE.bazel",
        module=record("module"),
        bazel_dep=record("bazel_dep"),
        use_extension=lambda *_: extension,
        use_repo=lambda *_: None,
    )
    assert said["module"] == {"name": "snas_tf", "version": snas_tf.__version__}
    assert (ROOT / said["pip"]["requirements_lock"].removeprefix("//:")).is_file()
    assert said["pip"]["python_version"] == said["python"]["python_version"]
