// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasConcatenation and SnasConcatenationGradient; what they compute is in concatenation.h.

#include "concatenation.h"

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) {
    construction.Read("parts", &parts);
    construction.Read("threads", &threads);
  }
  int parts = 0;
  int threads = 1;  // the result does not depend on it
};

template <bool kApart, typename Part, typename Joined>
void InBlocksOfPixels(const Attributes& attributes, const Shape& of_part,
                      const std::vector<Part*>& parts, Joined* joined) {
  const size_t pixels = of_part[0] * of_part[1] * of_part[2], threads = attributes.threads;
  WithLanes(of_part[3], [&](auto lanes) {
    ParallelFor(attributes.threads, attributes.threads, [&](int t) {
      Concatenate<lanes(), kApart>(parts, pixels * t / threads, pixels * (t + 1) / threads,
                                   static_cast<int>(of_part[3]), joined);
    });
  });
}

void ComputeForward(const Attributes& attributes, Run& run) {
  Shape shape = {-1, -1, -1, -1};
  std::vector<const float*> parts;
  for (int p = 0; p < attributes.parts; ++p) {
    parts.push_back(run.Input(shape));
    if (p == 0 && run.ok()) shape = run.LastShape();
  }
  if (run.ok()) CheckChannels(shape[3], run);
  float* joined = run.Output({shape[0], shape[1], shape[2], shape[3] * attributes.parts});
  if (run.ok()) InBlocksOfPixels<false>(attributes, shape, parts, joined);
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const float* joined = run.Input({-1, -1, -1, -1});
  if (!run.ok()) return;
  Shape shape = run.LastShape();
  if (shape[3] % attributes.parts != 0) run.Refuse("the channels do not divide");
  shape[3] /= attributes.parts;
  CheckChannels(shape[3], run);
  std::vector<float*> parts;
  for (int p = 0; p < attributes.parts; ++p) parts.push_back(run.Output(shape));
  if (run.ok()) InBlocksOfPixels<true>(attributes, shape, parts, joined);
}

const Texts kAttributes = {"parts: int >= 1", "threads: int >= 1"};

const bool registered =
    Register<Attributes, ComputeForward>("SnasConcatenation", {"tensors: parts * float"},
                                         {"joined: float"}, kAttributes) &&
    Register<Attributes, ComputeGradient>("SnasConcatenationGradient", {"upstream: float"},
                                          {"of_tensors: parts * float"}, kAttributes);

}  // namespace
}  // namespace snas_tf
