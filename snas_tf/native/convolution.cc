// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasConvolution and SnasConvolutionGradient for E edges; what they compute is in convolution.h, for
// most images in fewer multiplications in winograd_convolution.h, and of single pixels in
// pointwise_convolution.h.

#include "convolution.h"
#include "pointwise_convolution.h"
#include "winograd_convolution.h"

#include <memory>

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) {
    construction.Read("edges", &edges);
    construction.Read("epsilon", &epsilon);
    construction.Read("threads", &threads);
  }
  int edges = 0;
  float epsilon = 0;
  int threads = 1;  // the result does not depend on it
};

// What both operations take first: the images and the kernels of all edges.
struct Problem {
  Problem(const Attributes& attributes, Run& run) : chain{0, attributes.epsilon, {}} {
    images = run.Input({-1, -1, -1, -1});
    if (!run.ok()) return;
    shape = run.LastShape();
    channels = shape[3];
    CheckChannels(channels, run);
    kernels = run.Input({attributes.edges, -1, -1, channels, channels});
    if (!run.ok()) return;
    size = run.LastShape()[1];
    if (run.LastShape()[2] != size || (size != 1 && size != 3))
      run.Refuse("the kernels must be of 1 x 1 or of 3 x 3 pixels");
    chain.images = static_cast<int>(shape[0]);
    chain.stages.push_back({static_cast<int>(shape[1]), static_cast<int>(shape[2]),
                            static_cast<int>(channels), static_cast<int>(size), 1, 1});
  }

  size_t KernelSize() const { return size * size * channels * channels; }

  Chain chain;
  Shape shape;
  int64_t channels = 0, size = 0;
  const float* images = nullptr;
  const float* kernels = nullptr;
};

// The products, edge by edge, and the statistics.
template <typename Float, typename Make>
std::vector<StageProducts<Float>> TakeProducts(int edges, const Problem& problem, Make make) {
  using Products = StageProducts<Float>;
  std::vector<Products> by_edge(edges);
  for (Products& edge : by_edge) edge.products = make(problem.shape);
  for (Float* Products::*part :
       {&Products::mean, &Products::variance, &Products::inverse_deviation}) {
    Float* all = make(Shape{edges, problem.channels});
    for (int e = 0; all != nullptr && e < edges; ++e) by_edge[e].*part = all + e * problem.channels;
  }
  return by_edge;
}

// The kernels of all edges as one of the three ways to convolve takes them, which the shapes decide.
template <int L>
struct Edges {
  Edges(const Problem& problem, int edges, bool backward)
      : is_pointwise(problem.size == 1),
        in_tiles(!is_pointwise && HasTiles(problem.chain.stages[0])),
        rearranged(Rearranged(problem, edges, backward)) {
    if (!is_pointwise && !in_tiles)
      packed = Packed<L>(problem.chain.stages[0], problem.kernels, edges, backward);
  }

  Buffer Rearranged(const Problem& problem, int edges, bool backward) const {
    const Geometry& geometry = problem.chain.stages[0];
    if (in_tiles) return Transformed(geometry, problem.kernels, edges, backward);
    return is_pointwise && backward ? Exchanged(geometry, problem.kernels, edges) : Buffer(0);
  }

  const bool is_pointwise, in_tiles;
  const Buffer rearranged;
  std::vector<PackedKernel<L>> packed;
};

void ComputeForward(const Attributes& attributes, Run& run) {
  const Problem problem(attributes, run);
  if (!run.ok()) return;
  const auto products = TakeProducts<float>(attributes.edges, problem,
                                            [&](const Shape& shape) { return run.Output(shape); });
  if (!run.ok()) return;
  const int edges = attributes.edges;
  const Geometry& geometry = problem.chain.stages[0];
  WithLanes(problem.channels, [&](auto lanes) {
    constexpr int L = lanes();
    const Edges<L> kernels(problem, edges, /*backward=*/false);
    std::vector<std::vector<ProductStatistics>> statistics(kParts);
    for (auto& part : statistics)
      for (int e = 0; e < edges; ++e) part.emplace_back(geometry.channels);
    ParallelFor(kParts, attributes.threads, [&](int p) {
      const Part part(problem.chain.images, p);
      const float* images = problem.images;
      if (kernels.is_pointwise)
        PointwiseForward<L>(geometry, part, images, problem.kernels, products, statistics[p]);
      else if (kernels.in_tiles)
        WinogradForward<L>(geometry, part, images, kernels.rearranged.get(), products,
                           statistics[p]);
      else
        ConvolutionForward<L>(geometry, part, images, kernels.packed, products, statistics[p]);
    });
    for (int e = 0; e < edges; ++e) {
      for (int p = 1; p < kParts; ++p) statistics[0][e].Merge(statistics[p][e]);
      statistics[0][e].Write(CountOf(problem.chain, geometry), attributes.epsilon, products[e]);
    }
  });
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const Problem problem(attributes, run);
  if (!run.ok()) return;
  const int edges = attributes.edges;
  const int64_t channels = problem.channels, size = problem.size;
  const auto products = TakeProducts<const float>(
      edges, problem, [&](const Shape& shape) { return run.Input(shape); });
  std::vector<Upstream> arriving(edges);
  for (Upstream& edge : arriving) edge.upstream = run.Input(problem.shape);
  for (const float* Upstream::*part :
       {&Upstream::factor, &Upstream::of_mean, &Upstream::of_inverse_deviation}) {
    const float* all = run.Input({edges, channels});
    for (int e = 0; run.ok() && e < edges; ++e) arriving[e].*part = all + e * channels;
  }
  float* of_images = run.Output(problem.shape);
  float* of_kernels = run.Output({edges, size, size, channels, channels});
  if (!run.ok()) return;
  const Geometry& geometry = problem.chain.stages[0];
  std::vector<std::unique_ptr<ProductGradient>> linear(edges);
  for (int e = 0; e < edges; ++e)
    if (!arriving[e].IsZero(geometry.channels))  // else an edge of weight exactly zero
      linear[e].reset(new ProductGradient(problem.chain, geometry, products[e], arriving[e]));
  const size_t kernel_size = problem.KernelSize(), all = edges * kernel_size;
  Buffer of_parts(kParts * all);
  WithLanes(channels, [&](auto lanes) {
    constexpr int L = lanes();
    const Edges<L> kernels(problem, edges, /*backward=*/true);
    const float* rearranged = kernels.rearranged.get();
    ParallelFor(kParts, attributes.threads, [&](int p) {
      std::vector<EdgeGradient> of_edges;
      for (int e = 0; e < edges; ++e)
        of_edges.push_back({linear[e].get(), arriving[e].upstream, products[e].products,
                            of_parts.get() + p * all + e * kernel_size});
      const Part part(problem.chain.images, p);
      const float* images = problem.images;
      if (kernels.is_pointwise)
        PointwiseGradient<L>(geometry, part, images, rearranged, of_edges, of_images);
      else if (kernels.in_tiles)
        WinogradGradient<L>(geometry, part, images, rearranged, of_edges, of_images);
      else
        ConvolutionGradient<L>(geometry, part, images, kernels.packed, of_edges, of_images);
    });
  });
  std::fill_n(of_kernels, all, 0.0f);
  for (int p = 0; p < kParts; ++p)
    for (size_t i = 0; i < all; ++i) of_kernels[i] += of_parts.get()[p * all + i];
}

const Texts kAttributes = {"edges: int >= 1", "epsilon: float", "threads: int >= 1"};

const bool registered =
    Register<Attributes, ComputeForward>(
        "SnasConvolution", {"images: float", "kernels: float"},
        {"products: edges * float", "means: float", "variances: float",
         "inverse_deviations: float"},
        kAttributes) &&
    Register<Attributes, ComputeGradient>(
        "SnasConvolutionGradient",
        {"images: float", "kernels: float", "products: edges * float", "means: float",
         "variances: float", "inverse_deviations: float", "upstream: edges * float",
         "factors: float", "of_means: float", "of_inverse_deviations: float"},
        {"of_images: float", "of_kernels: float"}, kAttributes);

}  // namespace
}  // namespace snas_tf
