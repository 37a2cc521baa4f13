# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A target for every locked package; the packages themselves are those of the Python on the PATH."""

_REQUIREMENTS = '''
def requirement(name):
    return "@{repository}//:" + name.lower().replace("-", "_").replace(".", "_")
'''

_LIBRARY = '''
py_library(
    name = "{name}",
    visibility = ["//visibility:public"],
)
'''

def _label(package):
    return package.lower().replace("-", "_").replace(".", "_")

def _packages(lock):
    lines = [line.strip() for line in lock.split("\n")]
    return [_label(line.split("==")[0]) for line in lines if line and not line.startswith("#")]

def _pip_parse(context):
    packages = _packages(context.read(context.attr.requirements_lock))
    context.file("BUILD.bazel", "".join([_LIBRARY.format(name = name) for name in packages]))
    context.file("requirements.bzl", _REQUIREMENTS.format(repository = context.name))

pip_parse = repository_rule(
    implementation = _pip_parse,
    attrs = {"requirements_lock": attr.label(mandatory = True, allow_single_file = True)},
)
