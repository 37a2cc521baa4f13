# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The README is short, every link in the pages leads somewhere, every command is one."""

import os
import pathlib
import re
import shlex

import pytest

from snas_tf import command_line

ROOT = pathlib.Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
    ROOT / "export" / "README.md",
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^][]|\[[^]]*\])*\]\(([^()\s]+)\)")
PROGRAM = re.compile(r"^ *(?:snas-tf|[\w./]*python -m snas_tf\.main) (--mode=.*)$", re.MULTILINE)


def anchors(page):
    """Where a link into a page may lead: its headings, as GitHub and others write them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings
    }


def test_the_readme_can_be_read_at_once():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_every_page_is_in_the_contents_of_the_site():
    docs = ROOT / "docs"
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", (docs / "index.md").read_text(), re.M | re.S)
    named = {line for tree in trees for line in tree.split("\n\n")[1].split()}
    pages = {page.relative_to(docs).with_suffix("").as_posix() for page in docs.glob("*.md")}
    assert named >= pages - {"index"} and len(pages) >= 20
    for name in named:
        assert any((docs / name).with_suffix(suffix).exists() for suffix in (".md", ".rst")), name


def test_every_package_that_exports_names_has_a_page_of_the_reference():
    exporting = {
        f"snas_tf.{path.parent.name}"
        for path in (ROOT / "snas_tf").glob("*/__init__.py")
        if re.search("^__all__", path.read_text(), re.MULTILINE)
    }
    pages = sorted((ROOT / "docs" / "api").glob("*.rst"))
    told = {name for page in pages for name in re.findall("public-names:: (.*)", page.read_text())}
    assert told >= exporting | {"snas_tf"} and len(exporting) >= 10
    listed = (ROOT / "docs" / "api" / "index.rst").read_text().split()
    assert {*listed} >= {page.stem for page in pages} - {"index"}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page):
    links = LINK.findall(FENCE.sub("", page.read_text()))
    for link in links:
        if re.match("https?:", link):
            continue
        path, _, anchor = link.partition("#")
        # Bazel's sandbox is made of links, which are not to be followed.
        target = pathlib.Path(os.path.normpath(page.parent / path)) if path else page
        assert target.is_relative_to(ROOT) and target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_is_one(page, tmp_path, monkeypatch):
    """Its flags, keys and values; what they name need not be there, but the file of a model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_model.py").write_text("def build(): ...")
    for line in PROGRAM.findall(page.read_text().replace("\\\n", " ")):
        command_line.parse(shlex.split(line, comments=True))


def test_commands_are_found_in_the_pages():
    found = [PROGRAM.findall(page.read_text()) for page in PAGES]
    assert len(found[0]) >= 5 and sum(map(len, found)) >= 15
