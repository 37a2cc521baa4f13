// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// As convolution.h, for kernels of one pixel: without borders the pixels of all images are one matrix,
// which is taken a block at a time, so that what is made of it stays in the cache.

#ifndef SNAS_TF_NATIVE_POINTWISE_CONVOLUTION_H_
#define SNAS_TF_NATIVE_POINTWISE_CONVOLUTION_H_

#include <algorithm>
#include <vector>

#include "convolution.h"
#include "matrix_products.h"

namespace snas_tf {

constexpr int kBlocksTogether = 16;

// Calls `call(number of the first pixel, pixels)` for the blocks of a part.
template <typename Call>
void ForPixels(const Geometry& geometry, const Part& part, Call call) {
  const size_t last = part.last * geometry.pixels_in();
  for (size_t first = part.first * geometry.pixels_in(); first < last; first += kBlockPixels)
    call(first, static_cast<int>(std::min<size_t>(kBlockPixels, last - first)));
}

// The kernels of all edges (channels, channels), with inputs and outputs exchanged.
inline Buffer Exchanged(const Geometry& geometry, const float* kernels, int edges) {
  const size_t channels = geometry.channels, size = channels * channels;
  Buffer exchanged(edges * size);
  for (size_t i = 0; i < edges * size; ++i)
    exchanged.get()[i / size * size + i % channels * channels + i % size / channels] = kernels[i];
  return exchanged;
}

// Some images, on all edges.
template <int L>
void PointwiseForward(const Geometry& geometry, const Part& part, const float* images,
                      const float* kernels, const std::vector<StageProducts<float>>& edges,
                      std::vector<ProductStatistics>& statistics) {
  const int channels = geometry.channels;
  const Buffer activated(size_t(kBlockPixels) * channels);
  ForPixels(geometry, part, [&](size_t first, int pixels) {
    const size_t begin = first * channels, size = size_t(pixels) * channels;
    for (size_t i = 0; i < size; i += L)
      Store<L>(activated.get() + i, Relu<L>(Load<L>(images + begin + i)));
    for (size_t e = 0; e < edges.size(); ++e) {
      float* products = edges[e].products + begin;
      Multiply<L>(pixels, activated.get(), kernels + e * channels * channels, channels, channels,
                  /*adds=*/false, products);
      statistics[e].template Add<L>(products, pixels);
    }
  });
}

// Of some images, on all edges; `kernels` have inputs and outputs exchanged.
template <int L>
void PointwiseGradient(const Geometry& geometry, const Part& part, const float* images,
                       const float* kernels, const std::vector<EdgeGradient>& edges,
                       float* of_images) {
  const int channels = geometry.channels;
  const size_t block = size_t(kBlockPixels) * channels, size = size_t(channels) * channels;
  const Buffer activated(block), arriving(block), sums(block), some(edges.size() * size);
  const Lanes<L> zero{};
  int blocks = 0;
  // By some blocks first: a sum of all pixels would lose the last ones' digits.
  const auto add_up = [&] {
    for (size_t e = 0; e < edges.size(); ++e)
      for (size_t i = 0; i < size; i += L) {
        float *to = edges[e].of_kernel + i, *from = some.get() + e * size + i;
        Store<L>(to, Load<L>(to) + Load<L>(from));
        Store<L>(from, zero);
      }
  };
  ForPixels(geometry, part, [&](size_t first, int pixels) {
    const size_t begin = first * channels, end = size_t(pixels) * channels;
    for (size_t i = 0; i < end; i += L)
      Store<L>(activated.get() + i, Relu<L>(Load<L>(images + begin + i)));
    std::fill_n(sums.get(), end, 0.0f);
    for (size_t e = 0; e < edges.size(); ++e) {
      if (edges[e].linear == nullptr) continue;
      const ProductGradient& linear = *edges[e].linear;
      const float *upstream = edges[e].upstream + begin, *products = edges[e].products + begin;
      for (int c = 0; c < channels; c += L) {
        const Lanes<L> a = Load<L>(linear.a + c), b = Load<L>(linear.b.get() + c),
                       shift = Load<L>(linear.c.get() + c);
        for (size_t i = c; i < end; i += channels) {
          Prefetch(upstream + i + block);
          Prefetch(products + i + block);
          Store<L>(arriving.get() + i, a * Load<L>(upstream + i) + b * Load<L>(products + i) + shift);
        }
      }
      AddOuter<L>(pixels, activated.get(), arriving.get(), channels, channels,
                  some.get() + e * size);
      Multiply<L>(pixels, arriving.get(), kernels + e * size, channels, channels, /*adds=*/true,
                  sums.get());
    }
    for (size_t i = 0; i < end; i += L)
      Store<L>(of_images + begin + i,
               Load<L>(images + begin + i) > zero ? Load<L>(sums.get() + i) : zero);
    if (++blocks % kBlocksTogether == 0) add_up();
  });
  add_up();
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_POINTWISE_CONVOLUTION_H_
