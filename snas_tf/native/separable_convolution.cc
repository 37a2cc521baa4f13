// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasSeparableConvolution and SnasSeparableConvolutionGradient for E edges and S stages; what they
// compute is in the headers of these names.

#include "separable_convolution.h"

#include "kernel.h"
#include "parallel.h"
#include "separable_convolution_gradient.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) {
    construction.Read("edges", &edges);
    construction.Read("stages", &stages);
    construction.Read("inner_stages", &inner_stages);
    construction.Read("inner_edges", &inner_edges);
    construction.Read("stride", &stride);
    construction.Read("dilation", &dilation);
    construction.Read("epsilon", &epsilon);
    construction.Read("threads", &threads);
  }
  int edges = 0;
  int stages = 0;
  int inner_stages = 0;
  int inner_edges = 0;
  int stride = 0;
  int dilation = 0;
  float epsilon = 0;
  int threads = 1;  // the result does not depend on it
};

// What both operations take first: the images, then for every stage the weights of all edges.
struct Problem {
  Problem(const Attributes& attributes, Run& run) : chain{0, attributes.epsilon, {}} {
    images = run.Input({-1, -1, -1, -1});
    if (!run.ok()) return;
    image_shape = run.LastShape();
    channels = image_shape[3];
    CheckChannels(channels, run);
    chain.images = static_cast<int>(image_shape[0]);
    const int64_t edges = attributes.edges;
    if (attributes.inner_stages != attributes.stages - 1 ||
        attributes.inner_edges != attributes.inner_stages * edges)
      run.Refuse("all stages but the last one must have a normalization");
    std::vector<const float*> spatial, mixing, scales, offsets;
    int height = static_cast<int>(image_shape[1]), width = static_cast<int>(image_shape[2]);
    for (int s = 0; s < attributes.stages; ++s) {
      spatial.push_back(run.Input({edges, -1, -1, channels, 1}));
      if (!run.ok()) return;
      const int64_t rows = run.LastShape()[1], columns = run.LastShape()[2];
      if (s == 0) size = rows;
      if (rows != columns || rows != size || (size != 3 && size != 5))
        run.Refuse("the kernels must all be of 3 x 3 or of 5 x 5 pixels");
      chain.stages.push_back({height, width, static_cast<int>(channels), static_cast<int>(size),
                              s ? 1 : attributes.stride, s ? 1 : attributes.dilation});
      height = chain.stages[s].rows(), width = chain.stages[s].columns();
    }
    output_shape = {image_shape[0], height, width, channels};
    for (int s = 0; s < attributes.stages; ++s)
      mixing.push_back(run.Input({edges, channels, channels}));
    for (auto* inner : {&scales, &offsets})
      for (int s = 0; s + 1 < attributes.stages; ++s)
        inner->push_back(run.Input({edges, channels}));
    if (!run.ok()) return;
    for (int64_t edge = 0; edge < edges; ++edge) {
      weights.emplace_back();
      for (int s = 0; s < attributes.stages; ++s) {
        const bool inner = s + 1 < attributes.stages;
        weights.back().push_back({spatial[s] + edge * size * size * channels,
                                  mixing[s] + edge * channels * channels,
                                  inner ? scales[s] + edge * channels : nullptr,
                                  inner ? offsets[s] + edge * channels : nullptr});
      }
    }
  }

  Chain chain;
  Shape image_shape, output_shape;
  int64_t channels = 0, size = 0;
  const float* images = nullptr;
  std::vector<std::vector<StageWeights>> weights;  // by edge and stage
};

// The tensors of `part`, made as (edges, ...) by `make` for the first `stages`, a row an edge.
template <typename Element, typename Float, typename Make>
void TakeRows(std::vector<std::vector<Element>>& by_edge, Float* Element::*part, int stages,
              int64_t row, Make make) {
  for (int s = 0; s < stages; ++s) {
    Float* all = make();
    for (size_t edge = 0; edge < by_edge.size(); ++edge)
      by_edge[edge][s].*part = all == nullptr ? nullptr : all + edge * row;
  }
}

// The products of the last stage, edge by edge, those of the others, and the statistics.
template <typename Float, typename Make>
std::vector<std::vector<StageProducts<Float>>> TakeProducts(const Attributes& attributes,
                                                            const Problem& problem, Make make) {
  using Products = StageProducts<Float>;
  std::vector<std::vector<Products>> by_edge(attributes.edges,
                                             std::vector<Products>(attributes.stages));
  for (auto& stages : by_edge) stages.back().products = make(problem.output_shape);
  for (int s = 0; s + 1 < attributes.stages; ++s)
    for (auto& stages : by_edge) stages[s].products = make(problem.output_shape);
  for (Float* Products::*part :
       {&Products::mean, &Products::variance, &Products::inverse_deviation})
    TakeRows(by_edge, part, attributes.stages, problem.channels,
             [&] { return make(Shape{attributes.edges, problem.channels}); });
  return by_edge;
}

template <typename Call>
void Dispatch(const Problem& problem, Call call) {
  WithLanes(problem.channels, [&](auto lanes) {
    if (problem.size == 3) return call(lanes, std::integral_constant<int, 3>());
    call(lanes, std::integral_constant<int, 5>());
  });
}

void ComputeForward(const Attributes& attributes, Run& run) {
  const Problem problem(attributes, run);
  if (!run.ok()) return;
  const auto stages = TakeProducts<float>(attributes, problem,
                                          [&](const Shape& shape) { return run.Output(shape); });
  if (!run.ok()) return;
  Dispatch(problem, [&](auto lanes, auto size) {
    ParallelFor(attributes.edges, attributes.threads, [&](int e) {
      Forward<lanes(), size()>(problem.chain, problem.images, problem.weights[e], stages[e]);
    });
  });
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const Problem problem(attributes, run);
  if (!run.ok()) return;
  const int64_t channels = problem.channels, size = problem.size, edges = attributes.edges;
  const Shape by_channel = {edges, channels};
  const auto stages = TakeProducts<const float>(
      attributes, problem, [&](const Shape& shape) { return run.Input(shape); });
  std::vector<Upstream> arriving(edges);
  for (auto& edge : arriving) edge.upstream = run.Input(problem.output_shape);
  for (const float* Upstream::*part :
       {&Upstream::factor, &Upstream::of_mean, &Upstream::of_inverse_deviation}) {
    const float* all = run.Input(by_channel);
    for (int e = 0; run.ok() && e < edges; ++e) arriving[e].*part = all + e * channels;
  }
  float* of_images = run.Output(problem.image_shape);
  const int count = attributes.stages;
  std::vector<std::vector<StageGradients>> gradients(edges, std::vector<StageGradients>(count));
  TakeRows(gradients, &StageGradients::spatial, count, size * size * channels,
           [&] { return run.Output({edges, size, size, channels, 1}); });
  TakeRows(gradients, &StageGradients::mixing, count, channels * channels,
           [&] { return run.Output({edges, channels, channels}); });
  for (auto part : {&StageGradients::scale, &StageGradients::offset})
    TakeRows(gradients, part, count - 1, channels, [&] { return run.Output(by_channel); });
  const bool parallel = attributes.threads > 1 && edges > 1;
  // What an edge writes while others do, too: the gradient between its stages, and that of images.
  std::vector<float*> between, of_edge;
  for (int e = 0; e < edges; ++e) {
    const bool own = e == 0 || parallel;
    between.push_back(count == 1 ? nullptr
                      : own      ? run.Temporary(problem.output_shape)
                                 : between[0]);
    of_edge.push_back(e > 0 && parallel ? run.Temporary(problem.image_shape) : of_images);
  }
  if (!run.ok()) return;
  const Shape& images = problem.image_shape;
  const size_t image_size = images[0] * images[1] * images[2] * images[3];
  for (int e = 0; e < edges; ++e)
    if (e == 0 || parallel) std::fill_n(of_edge[e], image_size, 0.0f);
  Dispatch(problem, [&](auto lanes, auto size) {
    ParallelFor(edges, attributes.threads, [&](int e) {
      Gradient<lanes(), size()>(problem.chain, problem.images, problem.weights[e], stages[e],
                                arriving[e], gradients[e], between[e], of_edge[e]);
    });
  });
  for (int e = 1; parallel && e < edges; ++e)
    for (size_t i = 0; i < image_size; ++i) of_images[i] += of_edge[e][i];
}

const Texts kArguments = {"images: float", "spatial: stages * float", "mixing: stages * float",
                          "scales: inner_stages * float", "offsets: inner_stages * float"};
const Texts kProducts = {"products: edges * float", "inner_products: inner_edges * float",
                         "means: stages * float", "variances: stages * float",
                         "inverse_deviations: stages * float"};
const Texts kAttributes = {"edges: int >= 1",          "stages: int >= 1",
                           "inner_stages: int >= 0",   "inner_edges: int >= 0",
                           "stride: int >= 1",         "dilation: int >= 1",
                           "epsilon: float",           "threads: int >= 1"};

Texts Joined(const std::vector<Texts>& parts) {
  Texts all;
  for (const Texts& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const bool registered =
    Register<Attributes, ComputeForward>("SnasSeparableConvolution", kArguments, kProducts,
                                         kAttributes) &&
    Register<Attributes, ComputeGradient>(
        "SnasSeparableConvolutionGradient",
        Joined({kArguments,
                kProducts,
                {"upstream: edges * float", "factors: float", "of_means: float",
                 "of_inverse_deviations: float"}}),
        {"of_images: float", "of_spatial: stages * float", "of_mixing: stages * float",
         "of_scales: inner_stages * float", "of_offsets: inner_stages * float"},
        kAttributes);

}  // namespace
}  // namespace snas_tf
