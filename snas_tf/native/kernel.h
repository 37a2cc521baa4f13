// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Operations and their kernels through TensorFlow's C interface, which stays the same from one
// version to the next.

#ifndef SNAS_TF_NATIVE_KERNEL_H_
#define SNAS_TF_NATIVE_KERNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace snas_tf {

using Shape = std::vector<int64_t>;

struct Delete {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
using Tensor = std::unique_ptr<TF_Tensor, Delete>;
using Status = std::unique_ptr<TF_Status, Delete>;

// One run of a kernel: its tensors in their order, and the first thing that went wrong,
// after which all of them are null.
class Run {
 public:
  explicit Run(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Run() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_.get());
  }

  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  void Refuse(const std::string& why) {
    if (ok()) TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, why.c_str());
  }

  // The next input, of its operation's type; -1 in `shape` may be any size.
  template <typename Number = float>
  const Number* Input(const Shape& shape) {
    if (!ok()) return nullptr;
    const int number = next_input_++;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, number, &tensor, status_.get());
    if (!ok()) return nullptr;
    tensors_.emplace_back(tensor);
    bool fits = TF_NumDims(tensor) == static_cast<int>(shape.size());
    for (size_t d = 0; fits && d < shape.size(); ++d)
      fits = shape[d] < 0 || TF_Dim(tensor, d) == shape[d];
    if (!fits) Refuse("input " + std::to_string(number) + " has the wrong shape");
    return ok() ? static_cast<const Number*>(TF_TensorData(tensor)) : nullptr;
  }

  // The shape of the input before.
  Shape LastShape() const {
    Shape shape;
    for (int d = 0; ok() && d < TF_NumDims(tensors_.back().get()); ++d)
      shape.push_back(TF_Dim(tensors_.back().get(), d));
    return shape;
  }

  float* Output(const Shape& shape) {
    if (!ok()) return nullptr;
    size_t bytes = sizeof(float);
    for (int64_t size : shape) bytes *= size;
    return Keep(TF_AllocateOutput(context_, next_output_++, TF_FLOAT, shape.data(),
                                  static_cast<int>(shape.size()), bytes, status_.get()));
  }

  float* Temporary(const Shape& shape) {
    if (!ok()) return nullptr;
    TF_AllocatorAttributes attributes{};
    attributes.struct_size = TF_ALLOCATOR_ATTRIBUTES_STRUCT_SIZE;
    return Keep(TF_AllocateTemp(context_, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                &attributes, status_.get()));
  }

 private:
  float* Keep(TF_Tensor* tensor) {
    tensors_.emplace_back(tensor);
    return ok() ? static_cast<float*>(TF_TensorData(tensor)) : nullptr;
  }

  TF_OpKernelContext* context_;
  Status status_;
  std::vector<Tensor> tensors_;
  int next_input_ = 0;
  int next_output_ = 0;
};

// Reads a kernel's attributes.
class Construction {
 public:
  explicit Construction(TF_OpKernelConstruction* construction)
      : construction_(construction), status_(TF_NewStatus()) {}
  ~Construction() {
    if (!ok()) TF_OpKernelConstruction_Failure(construction_, status_.get());
  }

  void Read(const char* name, int* value) {
    if (ok()) TF_OpKernelConstruction_GetAttrInt32(construction_, name, value, status_.get());
  }
  void Read(const char* name, float* value) {
    if (ok()) TF_OpKernelConstruction_GetAttrFloat(construction_, name, value, status_.get());
  }

 private:
  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  TF_OpKernelConstruction* construction_;
  Status status_;
};

using Texts = std::vector<const char*>;

// Registers an operation and its CPU kernel: `Attributes` is made of a Construction, and `compute`
// takes (attributes, Run&). Shapes are set by Python, which has the attributes at hand.
template <typename Attributes, void (*compute)(const Attributes&, Run&)>
bool Register(const char* name, const Texts& inputs, const Texts& outputs,
              const Texts& attributes) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition,
                                                  TF_ShapeInferenceContextSetUnknownShape);
  const Status status(TF_NewStatus());
  TF_RegisterOpDefinition(definition, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return false;
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(
      name, "CPU",
      [](TF_OpKernelConstruction* construction) -> void* {
        Construction reader(construction);
        return new Attributes(reader);
      },
      [](void* attributes, TF_OpKernelContext* context) {
        Run run(context);
        compute(*static_cast<const Attributes*>(attributes), run);
      },
      [](void* attributes) { delete static_cast<Attributes*>(attributes); });
  TF_RegisterKernelBuilder(name, kernel, status.get());
  return TF_GetCode(status.get()) == TF_OK;
}

// Calls `call` with the lanes that suit the channels, as a constant's type.
template <typename Call>
void WithLanes(int64_t channels, Call call) {
#ifdef __AVX512F__
  if (channels % 16 == 0) return call(std::integral_constant<int, 16>());
#endif
  call(std::integral_constant<int, 8>());
}

inline void CheckChannels(int64_t channels, Run& run) {
  if (channels % 8 != 0 || channels == 0) run.Refuse("the channels must be a multiple of 8");
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_KERNEL_H_
