# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How `make docs` builds the documentation site: Sphinx reads docs/, pages in MyST Markdown."""

import os
import pathlib
import sys

DOCS = pathlib.Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS / "extensions")]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what TensorFlow says of the machine
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from snas_tf import __version__  # noqa: E402

project, author, release = "snas_tf", "The snas_tf Authors", __version__
copyright = "2026 The snas_tf Authors"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "offline_page",
    "config_keys",
    "public_names",
    "plain_docstrings",
    "repository_links",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "tutorials/*.ipynb"]  # made of the texts

myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # tests/test_tutorials.py runs them
suppress_warnings = ["misc.highlighting_failure"]  # cells of tutorials that begin with !
default_role = "code"
highlight_language = "none"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_attr_annotations = False
napoleon_custom_sections = [("Call arguments", "params_style")]
napoleon_use_ivar, napoleon_use_rtype = True, False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"snas_tf {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
