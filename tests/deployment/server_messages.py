# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Messages of TF-Serving's configuration that tensorflow-serving-api does not bring.

Written down from session_bundle_config.proto, saved_model_bundle_source_adapter.proto and
monitoring_config.proto, as far as this kit uses them. Text format knows names, not numbers, so the
numbers of the fields matter only where they are those of the files.
"""

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from tensorflow.core.protobuf import config_pb2

_FILE = """
name: "server_messages.proto" package: "tensorflow.serving" syntax: "proto3"
dependency: "google/protobuf/wrappers.proto" dependency: "tensorflow/core/protobuf/config.proto"
message_type { name: "BatchingParameters"
  field { name: "max_batch_size" number: 1 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" }
  field { name: "batch_timeout_micros" number: 2 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" }
  field { name: "max_enqueued_batches" number: 3 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" }
  field { name: "num_batch_threads" number: 4 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" }
  field { name: "allowed_batch_sizes" number: 6 type: TYPE_INT64 label: LABEL_REPEATED }
  field { name: "enable_large_batch_splitting" number: 8 type: TYPE_MESSAGE type_name: ".google.protobuf.BoolValue" }
  field { name: "max_execution_batch_size" number: 9 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" } }
message_type { name: "SessionBundleConfig"
  field { name: "session_config" number: 2 type: TYPE_MESSAGE type_name: ".tensorflow.ConfigProto" }
  field { name: "batching_parameters" number: 3 type: TYPE_MESSAGE type_name: ".tensorflow.serving.BatchingParameters" }
  field { name: "enable_model_warmup" number: 779 type: TYPE_BOOL } }
message_type { name: "SavedModelBundleSourceAdapterConfig"
  field { name: "legacy_config" number: 1000 type: TYPE_MESSAGE type_name: ".tensorflow.serving.SessionBundleConfig" } }
message_type { name: "PrometheusConfig"
  field { name: "enable" number: 1 type: TYPE_BOOL } field { name: "path" number: 2 type: TYPE_STRING } }
message_type { name: "MonitoringConfig"
  field { name: "prometheus_config" number: 1 type: TYPE_MESSAGE type_name: ".tensorflow.serving.PrometheusConfig" } }
"""  # noqa: E501

POOL = descriptor_pool.DescriptorPool()
"""Knows them, and all that they need."""


def _copy(file) -> None:
    for needed in file.dependencies:
        _copy(needed)
    POOL.AddSerializedFile(file.serialized_pb)


_copy(wrappers_pb2.DESCRIPTOR)
_copy(config_pb2.DESCRIPTOR)
POOL.Add(text_format.Parse(_FILE, descriptor_pb2.FileDescriptorProto()))


def _message(name: str) -> type:
    found = POOL.FindMessageTypeByName(f"tensorflow.serving.{name}")
    return message_factory.GetMessageClass(found)


BatchingParameters = _message("BatchingParameters")
MonitoringConfig = _message("MonitoringConfig")
SavedModelBundleSourceAdapterConfig = _message("SavedModelBundleSourceAdapterConfig")
