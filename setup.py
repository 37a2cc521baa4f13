# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The distribution `snas-tf`: the package snas_tf and the command of the same name."""

import pathlib
import re

from setuptools import find_packages, setup

ROOT = pathlib.Path(__file__).parent


def version() -> str:
    """Reads the version without importing the package, whose libraries may not be there yet."""
    text = (ROOT / "snas_tf" / "version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE).group(1)


def description() -> str:
    """The README is the page of the package index."""
    readme = ROOT / "README.md"
    return readme.read_text(encoding="utf-8") if readme.exists() else ""


def shipped() -> dict[str, str]:
    """Folders of files that the package does not import: where they go, and where they are here.

    See snas_tf/shipped.py.
    """
    folders = [
        folder
        for top in (ROOT / "configs", ROOT / "export")
        for folder in (top, *top.rglob("*"))
        if folder.is_dir() and folder.name != "__pycache__"
    ]
    paths = [folder.relative_to(ROOT).as_posix() for folder in folders]
    return {"snas_tf." + path.replace("/", "."): path for path in paths}


setup(
    name="snas-tf",
    version=version(),
    description="Stochastic Neural Architecture Search (SNAS) in TensorFlow, Keras and TFP",
    long_description=description(),
    long_description_content_type="text/markdown",
    author="The snas_tf Authors",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords="neural architecture search, AutoML, deep learning, TensorFlow, Keras",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=[*find_packages(include=["snas_tf", "snas_tf.*"]), *shipped()],
    package_dir=shipped(),
    package_data={
        "snas_tf": ["py.typed", "native/*.cc", "native/*.h"],
        **dict.fromkeys(shipped(), ["*"]),
    },
    install_requires=[
        "tensorflow>=2.21,<2.22",
        "keras>=3.15,<3.16",  # and all minor versions as snas_tf.check_environment asks
        "tensorflow-probability>=0.25,<0.26",
        "tf-keras>=2.21,<2.22",  # TFP does not import beside Keras 3 without it
        "tensorboard>=2.21,<2.22",  # no longer comes with TensorFlow
        "tensorflow-datasets>=4.9.10",
        "importlib_resources",  # tensorflow-datasets uses it without declaring it
        "absl-py",
        "tensorflow-serving-api>=2.21,<2.22",  # the requests that warm a server up
        "etils[epath]",  # paths on a disk and in an object store
        "ml-collections>=1.1",
        "numpy",
        "scikit-learn",
        "scipy",  # integer programs, rank correlation
        "threadpoolctl",  # how many threads linear algebra has
        "matplotlib",
        "pillow>=11.3",  # the first whose wheels read AVIF
        "rich",
        "wrapt",  # says when Keras is imported
    ],
    extras_require={
        "cluster": ["distributed>=2026.8"],  # Dask
        "docs": ["furo", "jupytext", "myst-nb>=1.4", "sphinx>=9"],
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22"],
        "onnx": ["tf2onnx>=1.17", "onnx", "onnxruntime"],
        "optuna": ["optuna>=5,<6"],  # whose samplers are asked for their books, which 5 has
        "test": [
            "hypothesis",
            "mypy",
            "pytest",
            "pytest-xdist",
            "pyyaml",
            "ruff",
            "setuptools>=77",
            "wheel",
        ],
    },
    entry_points={"console_scripts": ["snas-tf = snas_tf.main:run"]},
    zip_safe=False,
)
