// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasAffineSum and SnasAffineSumProducts; what they compute is in affine_sum.h.

#include "affine_sum.h"

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) { 
    construction.Read("terms", &terms);
    construction.Read("threads", &threads);
  }
  int terms = 0;
  int threads = 1;  // the result does not depend on it
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
    const size_t pixels = Pixels(shape), blocks = (pixels + kBlockPixels - 1) / kBlockPixels;
    ParallelFor(attributes.threads, attributes.threads, [&](int part) {
      const auto begin = [&](int p) {
        return std::min(blocks * p / attributes.threads * kBlockPixels, pixels);
      };
      const size_t first = begin(part) * channels;
      std::vector<const float*> of_part;
      for (const float* term : terms) of_part.push_back(term + first);
      AffineSum<lanes()>(of_part, begin(part + 1) - begin(part), static_cast<int>(channels), slopes,
                         shift, sum + first);
    });
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
    const size_t results = terms.size() + 1;
    ParallelFor(attributes.threads, attributes.threads, [&](int p) {
      AffineSumProducts<lanes()>(terms, origins, gradient, Pixels(shape),
                                 static_cast<int>(channels), results * p / attributes.threads,
                                 results * (p + 1) / attributes.threads, of_slopes, of_shift);
    });
  });
}

const Texts kAttributes = {"terms: int >= 1", "threads: int >= 1"};

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
