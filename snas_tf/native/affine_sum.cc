// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasAffineSum and SnasAffineSumProducts; what they compute is in affine_sum.h.

#include "affine_sum.h"

#include "kernel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) { construction.Read("terms", &terms); }
  int terms = 0;
};

const Shape kImages = {-1, -1, -1, -1};

size_t Pixels(const Shape& images) { return images[0] * images[1] * images[2]; }

std::vector<const float*> Terms(const Attributes& attributes, Shape* shape, Run& run) {
  std::vector<const float*> terms;
  for (int t = 0; t < attributes.terms; ++t) {
    terms.push_back(run.Input(*shape));
    if (t == 0 && run.ok()) *shape = run.LastShape();
  }
  if (run.ok()) CheckChannels(shape->back(), run);
  return terms;
}

void ComputeSum(const Attributes& attributes, Run& run) {
  Shape shape = kImages;
  const std::vector<const float*> terms = Terms(attributes, &shape, run);
  const int64_t channels = shape.back();
  const float* slopes = run.Input({attributes.terms, channels});
  const float* shift = run.Input({channels});
  float* sum = run.ok() ? run.Output(shape) : nullptr;
  if (!run.ok()) return;
  WithLanes(channels, [&](auto lanes) {
    AffineSum<lanes()>(terms, Pixels(shape), static_cast<int>(channels), slopes, shift, sum);
  });
}

void ComputeProducts(const Attributes& attributes, Run& run) {
  Shape shape = kImages;
  const std::vector<const float*> terms = Terms(attributes, &shape, run);
  const int64_t channels = shape.back();
  const float* origins = run.Input({attributes.terms, channels});
  const float* gradient = run.Input(shape);
  float* of_slopes = run.Output({attributes.terms, channels});
  float* of_shift = run.Output({channels});
  if (!run.ok()) return;
  WithLanes(channels, [&](auto lanes) {
    AffineSumProducts<lanes()>(terms, origins, gradient, Pixels(shape),
                               static_cast<int>(channels), of_slopes, of_shift);
  });
}

const Texts kAttributes = {"terms: int >= 1"};

const bool registered =
    Register<Attributes, ComputeSum>(
        "SnasAffineSum", {"tensors: terms * float", "slopes: float", "shift: float"},
        {"sum: float"}, kAttributes) &&
    Register<Attributes, ComputeProducts>(
        "SnasAffineSumProducts",
        {"tensors: terms * float", "origins: float", "gradient: float"},
        {"of_slopes: float", "of_shift: float"}, kAttributes);

}  // namespace
}  // namespace snas_tf
