# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A text or a file that is not what it should be is refused in one line that says so."""

import pytest

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record


def test_the_fields_without_the_version():
    text = '{"schema_version": 2, "a": 1, "b": [2]}'
    assert json_record.read(text, "a thing", 2) == {"a": 1, "b": [2]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a thing must be JSON: "),
        ("[" * 100_000, "a thing must be JSON: "),
        ("[]", "a thing must be a JSON object with schema_version 1: given None"),
        ("null", "given None"),
        ("{}", "given None"),
        ('{"schema_version": 2}', "given 2"),
        ('{"schema_version": true}', "given True"),
        ('{"schema_version": "1"}', "given '1'"),
    ],
)
def test_what_is_no_record_is_refused(text, message):
    with pytest.raises(InvalidInput) as error:
        json_record.read(text, "a thing", 1)
    assert message in str(error.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "thing.json"
    with pytest.raises(InvalidInput, match=r"a thing must be a JSON file: given .*thing\.json \("):
        json_record.load(path, "a thing")
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidInput, match="it is not a text"):
        json_record.load(path, "a thing")
    path.write_text("ä")
    assert json_record.load(path, "a thing") == "ä"
