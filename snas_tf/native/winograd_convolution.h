// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// As convolution.h, for kernels of 3 x 3 pixels and images that can be cut into tiles.

#ifndef SNAS_TF_NATIVE_WINOGRAD_CONVOLUTION_H_
#define SNAS_TF_NATIVE_WINOGRAD_CONVOLUTION_H_

#include <algorithm>
#include <vector>

#include "convolution.h"
#include "winograd.h"

namespace snas_tf {

constexpr int kPixelsTogether = 1024;

// The kernels of all edges, each (16, channels, channels).
inline Buffer Transformed(const Geometry& geometry, const float* kernels, int edges,
                          bool exchanged) {
  const size_t size = size_t(geometry.channels) * geometry.channels;
  Buffer transformed(edges * kProducts * size);
  for (int e = 0; e < edges; ++e)
    TransformKernel(kernels + e * 9 * size, geometry.channels, exchanged,
                    transformed.get() + e * kProducts * size);
  return transformed;
}

// Some images, on all edges.
template <int L>
void WinogradForward(const Geometry& geometry, const Part& part, const float* images,
                     const float* kernels, const std::vector<StageProducts<float>>& edges,
                     std::vector<ProductStatistics>& statistics) {
  const int channels = geometry.channels;
  const size_t image_size = geometry.pixels_in() * channels;
  const size_t row = size_t(geometry.width) * channels, size = size_t(channels) * channels;
  Buffer padded(geometry.padded_size()), values(Strip::Size(geometry)),
      sums(Strip::Size(geometry));
  for (int n = part.first; n < part.last; ++n) {
    Activate<L>(geometry, images + n * image_size, nullptr, nullptr, padded.get());
    ForStrips(geometry, [&](const Strip& strip) {
      const size_t step = strip.Step(channels);
      StripToProducts<L>(geometry, strip, padded.get(), values.get());
      for (size_t e = 0; e < edges.size(); ++e) {
        for (int i = 0; i < kProducts; ++i)
          Multiply<L>(strip.tiles(), values.get() + i * step, kernels + (e * kProducts + i) * size,
                      channels, channels, /*adds=*/false, sums.get() + i * step);
        float* products = edges[e].products + n * image_size;
        ForTiles<L>(strip, channels, [&](size_t offset, int y, int x, int c) {
          ToOutputs<L>(sums.get() + offset, step, products + y * row + x * channels + c, row,
                       channels);
        });
        // Of the strip's rows, while they are in the cache.
        const float* made = products + 2 * strip.first * row;
        const size_t pixels = size_t(4) * strip.tiles();
        for (size_t first = 0; first < pixels; first += kBlockPixels)
          statistics[e].template Add<L>(
              made + first * channels,
              static_cast<int>(std::min<size_t>(kBlockPixels, pixels - first)));
      }
    });
  }
}

// Of some images, on all edges; `kernels` have inputs and outputs exchanged.
template <int L>
void WinogradGradient(const Geometry& geometry, const Part& part, const float* images,
                      const float* kernels, const std::vector<EdgeGradient>& edges,
                      float* of_images) {
  const int channels = geometry.channels;
  const size_t image_size = geometry.pixels_in() * channels, size = size_t(channels) * channels;
  const size_t row = size_t(geometry.width) * channels, padded_row = geometry.padded_row();
  const size_t of_edge = kProducts * size, all = edges.size() * of_edge;
  Buffer padded(geometry.padded_size()), of_padded(geometry.padded_size());
  Buffer values(Strip::Size(geometry)), arriving(Strip::Size(geometry)),
      of_values(Strip::Size(geometry)), of_kernels(all), some(all);
  const int together = std::max(kPixelsTogether / int(geometry.pixels_in()), 1);
  const Lanes<L> zero{};
  for (int n = part.first; n < part.last; ++n) {
    const float* image = images + n * image_size;
    Activate<L>(geometry, image, nullptr, nullptr, padded.get());
    std::fill_n(of_padded.get(), geometry.padded_size(), 0.0f);
    ForStrips(geometry, [&](const Strip& strip) {
      const size_t step = strip.Step(channels);
      StripToProducts<L>(geometry, strip, padded.get(), values.get());
      std::fill_n(of_values.get(), kProducts * step, 0.0f);
      for (size_t e = 0; e < edges.size(); ++e) {
        if (edges[e].linear == nullptr) continue;
        const ProductGradient& linear = *edges[e].linear;
        const float* upstream = edges[e].upstream + n * image_size;
        const float* products = edges[e].products + n * image_size;
        ForTiles<L>(strip, channels, [&](size_t offset, int y, int x, int c) {
          const Lanes<L> a = Load<L>(linear.a + c), b = Load<L>(linear.b.get() + c),
                         shift = Load<L>(linear.c.get() + c);
          Lanes<L> of_tile[2][2];
          for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j) {
              const size_t at = (y + i) * row + size_t(x + j) * channels + c;
              of_tile[i][j] = a * Load<L>(upstream + at) + b * Load<L>(products + at) + shift;
            }
          FromOutputs<L>(of_tile, arriving.get() + offset, step);
        });
        for (int i = 0; i < kProducts; ++i) {
          AddOuter<L>(strip.tiles(), values.get() + i * step, arriving.get() + i * step, channels,
                      channels, some.get() + e * of_edge + i * size);
          Multiply<L>(strip.tiles(), arriving.get() + i * step, kernels + e * of_edge + i * size,
                      channels, channels, /*adds=*/true, of_values.get() + i * step);
        }
      }
      ForTiles<L>(strip, channels, [&](size_t offset, int y, int x, int c) {
        AddFromProducts<L>(of_values.get() + offset, step,
                           of_padded.get() + y * padded_row + size_t(x) * channels + c,
                           padded_row, channels);
      });
    });
    // By some images first: a sum of all pixels would lose the last ones' digits.
    if ((n + 1 - part.first) % together == 0 || n + 1 == part.last) {
      for (size_t i = 0; i < all; i += L)
        Store<L>(of_kernels.get() + i, Load<L>(of_kernels.get() + i) + Load<L>(some.get() + i));
      std::fill_n(some.get(), all, 0.0f);
    }
    float* to = of_images + n * image_size;
    const float* from = of_padded.get() + geometry.origin();
    for (int y = 0; y < geometry.height; ++y, image += row, to += row, from += padded_row)
      for (size_t i = 0; i < row; i += L)
        Store<L>(to + i, Load<L>(image + i) > zero ? Load<L>(from + i) : zero);
  }
  for (size_t e = 0; e < edges.size(); ++e)
    AddKernelGradient(of_kernels.get() + e * of_edge, channels, edges[e].of_kernel);
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_WINOGRAD_CONVOLUTION_H_
