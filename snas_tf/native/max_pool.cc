// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasMaxPool and SnasMaxPoolGradient; what they compute is in max_pool.h.

#include "max_pool.h"

#include "kernel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) { construction.Read("stride", &stride); }
  int stride = 0;
};

// Reads the images, and says how they are pooled.
Pooling TakeImages(const Attributes& attributes, Run& run, const float** images) {
  *images = run.Input({-1, -1, -1, -1});
  if (!run.ok()) return {};
  const Shape shape = run.LastShape();
  CheckChannels(shape[3], run);
  return {static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2]),
          static_cast<int>(shape[3]), attributes.stride};
}

Shape ShapeOfImages(const Pooling& pooling) {
  return {pooling.images, pooling.height, pooling.width, pooling.channels};
}

Shape ShapeOfPooled(const Pooling& pooling) {
  return {pooling.images, pooling.rows(), pooling.columns(), pooling.channels};
}

void ComputeForward(const Attributes& attributes, Run& run) {
  const float* images = nullptr;
  const Pooling pooling = TakeImages(attributes, run, &images);
  float* pooled = run.ok() ? run.Output(ShapeOfPooled(pooling)) : nullptr;
  if (!run.ok()) return;
  WithLanes(pooling.channels, [&](auto lanes) { MaxPool<lanes()>(pooling, images, pooled); });
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const float* images = nullptr;
  const Pooling pooling = TakeImages(attributes, run, &images);
  if (!run.ok()) return;
  const float* pooled = run.Input(ShapeOfPooled(pooling));
  const float* upstream = run.Input(ShapeOfPooled(pooling));
  float* of_images = run.Output(ShapeOfImages(pooling));
  if (!run.ok()) return;
  const size_t pixels = size_t(pooling.images) * pooling.height * pooling.width;
  std::fill_n(of_images, pixels * pooling.channels, 0.0f);
  WithLanes(pooling.channels, [&](auto lanes) {
    MaxPoolGradient<lanes()>(pooling, images, pooled, upstream, of_images);
  });
}

const Texts kAttributes = {"stride: int >= 1"};

const bool registered =
    Register<Attributes, ComputeForward>("SnasMaxPool", {"images: float"}, {"pooled: float"},
                                         kAttributes) &&
    Register<Attributes, ComputeGradient>("SnasMaxPoolGradient",
                                          {"images: float", "pooled: float", "upstream: float"},
                                          {"of_images: float"}, kAttributes);

}  // namespace
}  // namespace snas_tf
