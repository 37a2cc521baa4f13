// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasAveragePool and SnasAveragePoolGradient; what they compute is in average_pool.h.

#include "average_pool.h"

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) { construction.Read("threads", &threads); }
  int threads = 1;  // the result does not depend on it
};

template <bool kGradient>
void Compute(const Attributes& attributes, Run& run) {
  const float* from = run.Input({-1, -1, -1, -1});
  if (!run.ok()) return;
  const Shape shape = run.LastShape();
  CheckChannels(shape[3], run);
  float* to = run.ok() ? run.Output(shape) : nullptr;
  if (!run.ok()) return;
  const int images = static_cast<int>(shape[0]), height = static_cast<int>(shape[1]);
  const int width = static_cast<int>(shape[2]), channels = static_cast<int>(shape[3]);
  const size_t size = size_t(height) * width * channels;
  WithLanes(channels, [&](auto lanes) {
    ParallelFor(images, attributes.threads, [&](int n) {
      AveragePool<lanes(), kGradient>(height, width, channels, from + n * size, to + n * size);
    });
  });
}

const Texts kAttributes = {"threads: int >= 1"};

const bool registered =
    Register<Attributes, Compute<false>>("SnasAveragePool", {"images: float"}, {"pooled: float"},
                                         kAttributes) &&
    Register<Attributes, Compute<true>>("SnasAveragePoolGradient", {"upstream: float"},
                                        {"of_images: float"}, kAttributes);

}  // namespace
}  // namespace snas_tf
