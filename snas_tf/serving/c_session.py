# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A SavedModel in TensorFlow's C++ session, which is how TF-Serving runs it.

Python's loaded signatures check shapes and types before anything is computed; the C++ session does
not, so a request that Python would refuse reaches the kernels there. Whatever a client can send to
a server can be sent here. A kernel that fails a CHECK ends the process: use a subprocess.

The functions are those of TensorFlow's C API (tensorflow/c/c_api.h), called by ctypes.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

TAG = "serve"

_LIBRARIES = {"linux": "libtensorflow_cc.so.2", "darwin": "libtensorflow_cc.2.dylib"}
_POINTERS = (
    "TF_AllocateTensor",
    "TF_GetBuffer",
    "TF_GraphOperationByName",
    "TF_LoadSessionFromSavedModel",
    "TF_NewBuffer",
    "TF_NewBufferFromString",
    "TF_NewGraph",
    "TF_NewSessionOptions",
    "TF_NewStatus",
    "TF_StringGetDataPointer",
    "TF_TensorData",
)
_STRING_SIZE = 24  # sizeof(TF_TString), tensorflow/core/platform/ctstring_internal.h


class _Buffer(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("deallocator", ctypes.c_void_p),
    ]


class _Output(ctypes.Structure):
    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


def library_path() -> pathlib.Path | None:
    """TensorFlow's C++ library; None where the installed package has none that can be called."""
    name = _LIBRARIES.get(sys.platform)
    path = pathlib.Path(tf.__file__).parent / name if name else None
    return path if path and path.exists() else None


class CSession:
    """A SavedModel loaded by the C++ loader.

    Attributes:
        signatures: {name of a signature: its `SignatureDef`}.

    Args:
        folder: The SavedModel.
        intra_op_threads: Threads inside an operation; 0 for TensorFlow's own choice. The first
            session of a process decides for all, unless Python has used TensorFlow before.
        inter_op_threads: Operations that run side by side, likewise.

    Raises:
        RuntimeError: The installed TensorFlow has no C++ library here.
        tf.errors.OpError: The loader refuses the model.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        intra_op_threads: int = 0,
        inter_op_threads: int = 0,
    ) -> None:
        path = library_path()
        if path is None:
            raise RuntimeError(
                f"TensorFlow has no C++ library that can be called on {sys.platform}"
            )
        self._c = _functions(path)
        self._graph = self._c.TF_NewGraph()
        status = self._c.TF_NewStatus()
        options = self._options(intra_op_threads, inter_op_threads, status)
        tags = (ctypes.c_char_p * 1)(TAG.encode())
        described = self._c.TF_NewBuffer()
        try:
            self._session = self._c.TF_LoadSessionFromSavedModel(
                options, None, os.fspath(folder).encode(), tags, 1, self._graph, described, status
            )
            self._raise(status)
            buffer = ctypes.cast(described, ctypes.POINTER(_Buffer)).contents
            meta_graph = tf.compat.v1.MetaGraphDef.FromString(
                ctypes.string_at(buffer.data, buffer.length)
            )
        finally:
            self._c.TF_DeleteBuffer(described)
            self._c.TF_DeleteSessionOptions(options)
            self._c.TF_DeleteStatus(status)
        self.signatures = dict(meta_graph.signature_def)

    def run(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Answers a request.

        Args:
            signature: Name of a signature.
            inputs: {name of an input: array}; arrays of bytes objects (dtype object) are strings.
                Neither shapes nor dtypes are checked here.

        Returns:
            {name of an output: array}; strings as arrays of bytes objects.

        Raises:
            KeyError: The model has no such signature or input.
            tf.errors.OpError: What the session answers instead.
        """
        definition = self.signatures[signature]
        if unknown := inputs.keys() - {*definition.inputs}:  # a protobuf map would make them up
            raise KeyError(f"{signature} has no input {', '.join(sorted(unknown))}")
        feeds = {definition.inputs[key].name: value for key, value in inputs.items()}
        fetches = {key: output.name for key, output in definition.outputs.items()}
        given = [self._tensor(np.asarray(value)) for value in feeds.values()]
        answered = (ctypes.c_void_p * len(fetches))()
        status = self._c.TF_NewStatus()
        try:
            self._c.TF_SessionRun(
                self._session,
                None,
                self._places(feeds),
                (ctypes.c_void_p * len(given))(*(tensor for tensor, _ in given)),
                len(given),
                self._places(fetches.values()),
                answered,
                len(fetches),
                None,
                0,
                None,
                status,
            )
            self._raise(status)
            return {key: self._array(tensor) for key, tensor in zip(fetches, answered, strict=True)}
        finally:
            self._c.TF_DeleteStatus(status)
            for tensor, strings in given:
                for string in strings:
                    self._c.TF_StringDealloc(string)
                self._c.TF_DeleteTensor(tensor)
            for tensor in answered:
                if tensor:
                    self._c.TF_DeleteTensor(tensor)

    def close(self) -> None:
        """Frees the session and the model's memory."""
        status = self._c.TF_NewStatus()
        self._c.TF_CloseSession(self._session, status)
        self._c.TF_DeleteSession(self._session, status)
        self._c.TF_DeleteGraph(self._graph)
        self._c.TF_DeleteStatus(status)

    def __enter__(self) -> CSession:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _options(self, intra_op_threads: int, inter_op_threads: int, status: int) -> int:
        options = self._c.TF_NewSessionOptions()
        config = tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=intra_op_threads,
            inter_op_parallelism_threads=inter_op_threads,
        ).SerializeToString()
        self._c.TF_SetConfig(options, config, len(config), status)
        self._raise(status)
        return options

    def _places(self, names: Any) -> ctypes.Array[_Output]:
        """Where tensors named such as "StatefulPartitionedCall:2" are in the graph."""
        found = []
        for name in names:
            operation, _, index = name.partition(":")
            pointer = self._c.TF_GraphOperationByName(self._graph, operation.encode())
            found.append(_Output(pointer, int(index or 0)))
        return (_Output * len(found))(*found)

    def _tensor(self, array: np.ndarray) -> tuple[int, Sequence[int]]:
        """A TF_Tensor with a copy of an array, and the addresses of its strings."""
        is_text = array.dtype == object
        dtype = tf.string if is_text else tf.as_dtype(array.dtype)
        size = array.size * _STRING_SIZE if is_text else array.nbytes
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        tensor = self._c.TF_AllocateTensor(dtype.as_datatype_enum, shape, array.ndim, size)
        data = self._c.TF_TensorData(tensor)
        if not is_text:
            content = np.ascontiguousarray(array)
            ctypes.memmove(data, content.ctypes.data, size)
            return tensor, ()
        strings = [data + _STRING_SIZE * index for index in range(array.size)]
        for string, content in zip(strings, array.ravel(), strict=True):
            self._c.TF_StringInit(string)
            self._c.TF_StringCopy(string, content, len(content))
        return tensor, strings

    def _array(self, tensor: int) -> np.ndarray:
        dtype = tf.as_dtype(self._c.TF_TensorType(tensor))
        shape = [self._c.TF_Dim(tensor, axis) for axis in range(self._c.TF_NumDims(tensor))]
        data = self._c.TF_TensorData(tensor)
        if dtype != tf.string:
            size = self._c.TF_TensorByteSize(tensor)
            content = ctypes.string_at(data, size) if size else b""
            return np.frombuffer(content, dtype.as_numpy_dtype).reshape(shape)
        strings = (data + _STRING_SIZE * index for index in range(int(np.prod(shape))))
        texts = [
            ctypes.string_at(self._c.TF_StringGetDataPointer(s), self._c.TF_StringGetSize(s))
            for s in strings
        ]
        return np.array(texts, dtype=object).reshape(shape)

    def _raise(self, status: int) -> None:
        code = self._c.TF_GetCode(status)
        if code:
            message = self._c.TF_Message(status).decode(errors="replace")
            raise tf.compat.v1.errors.exception_type_from_error_code(code)(None, None, message)


def _functions(path: pathlib.Path) -> types.SimpleNamespace:
    """The library's functions with the types that ctypes cannot guess.

    TensorFlow is imported by then: a process that loads the library first dies.
    """
    library = ctypes.CDLL(os.fspath(path))
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    arguments = {
        "TF_AllocateTensor": (number, pointer, number, size),
        "TF_CloseSession": (pointer, pointer),
        "TF_DeleteBuffer": (pointer,),
        "TF_DeleteGraph": (pointer,),
        "TF_DeleteSession": (pointer, pointer),
        "TF_DeleteSessionOptions": (pointer,),
        "TF_DeleteStatus": (pointer,),
        "TF_DeleteTensor": (pointer,),
        "TF_Dim": (pointer, number),
        "TF_GetCode": (pointer,),
        "TF_GraphOperationByName": (pointer, ctypes.c_char_p),
        "TF_LoadSessionFromSavedModel": (pointer,) * 2
        + (ctypes.c_char_p, pointer, number)
        + (pointer,) * 3,
        "TF_Message": (pointer,),
        "TF_NewBuffer": (),
        "TF_NewGraph": (),
        "TF_NewSessionOptions": (),
        "TF_NewStatus": (),
        "TF_NumDims": (pointer,),
        "TF_SessionRun": (pointer,) * 4
        + (number,)
        + (pointer,) * 2
        + (number, pointer, number)
        + (pointer,) * 2,
        "TF_SetConfig": (pointer, ctypes.c_char_p, size, pointer),
        "TF_StringCopy": (pointer, ctypes.c_char_p, size),
        "TF_StringDealloc": (pointer,),
        "TF_StringGetDataPointer": (pointer,),
        "TF_StringGetSize": (pointer,),
        "TF_StringInit": (pointer,),
        "TF_TensorByteSize": (pointer,),
        "TF_TensorData": (pointer,),
        "TF_TensorType": (pointer,),
    }
    results = {
        **dict.fromkeys(_POINTERS, pointer),
        "TF_Dim": ctypes.c_int64,
        "TF_GetCode": number,
        "TF_Message": ctypes.c_char_p,
        "TF_NumDims": number,
        "TF_StringGetSize": size,
        "TF_TensorByteSize": size,
        "TF_TensorType": number,
    }
    found = types.SimpleNamespace()
    for name, types_of_arguments in arguments.items():
        function = getattr(library, name)
        function.argtypes = types_of_arguments
        function.restype = results.get(name)
        setattr(found, name, function)
    return found
