// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// [ReLU, convolution of 3 x 3 pixels] at stride 1 on the edges that leave a node, in training, and its
// gradient.
//
// As separable_convolution.h, of one stage: image by image, the products as they are with their
// statistics, whoever reads them normalises; and the gradient computes all but the products again.

#ifndef SNAS_TF_NATIVE_CONVOLUTION_H_
#define SNAS_TF_NATIVE_CONVOLUTION_H_

#include <algorithm>
#include <vector>

#include "product_statistics.h"
#include "separable_convolution_gradient.h"

namespace snas_tf {

constexpr int kSide = 3;  // the kernels' rows and columns; those of one are in pointwise_convolution.h

// The kernel (3, 3, channels, channels) of a convolution, some columns after the other: those of a
// block of outputs lie together, in the cache.
template <int L>
class PackedKernel {
 public:
  // Sixteen registers hold the sums of five or six pixels and two vectors, which is the quickest; a
  // row that is not made of so many takes eight and one.
  PackedKernel(const Geometry& geometry)
      : sixes(geometry.width % 5),
        wide(geometry.width >= 6 * sixes && geometry.channels % (2 * L) == 0),
        channels_(geometry.channels),
        floats_(size_t(kSide) * kSide * channels_ * channels_) {}

  // Takes `weight(tap, input, output)` of the kernel.
  template <typename Weight>
  void Fill(Weight weight) {
    float* to = floats_.get();
    for (int c = 0; c < channels_; c += columns())
      for (int tap = 0; tap < kSide * kSide; ++tap)
        for (int k = 0; k < channels_; ++k)
          for (int i = 0; i < columns(); ++i) *to++ = weight(tap, k, c + i);
  }

  int columns() const { return wide ? 2 * L : L; }
  // From output `c` on, a multiple of `columns`.
  const float* From(int c) const { return floats_.get() + size_t(kSide) * kSide * channels_ * c; }

  const int sixes;  // blocks of six pixels in a row, the others of five, if wide
  const bool wide;

 private:
  int channels_;
  Buffer floats_;
};

// M pixels and N vectors of outputs; `kernel` (3, 3, channels, N * L).
template <int L, int M, int N>
inline void ConvolveBlock(const float* from, size_t padded_row, const float* kernel, int channels,
                          float* to) {
  Lanes<L> sums[M][N] = {};
  for (int u = 0; u < kSide; ++u)
    for (int v = 0; v < kSide; ++v) {
      const float* tap = from + u * padded_row + v * channels;
      for (int k = 0; k < channels; ++k, kernel += N * L) {
        Lanes<L> row[N];
        for (int n = 0; n < N; ++n) row[n] = Load<L>(kernel + n * L);
        for (int m = 0; m < M; ++m)
          for (int n = 0; n < N; ++n) sums[m][n] += tap[m * channels + k] * row[n];
      }
    }
  for (int m = 0; m < M; ++m)
    for (int n = 0; n < N; ++n) Store<L>(to + m * channels + n * L, sums[m][n]);
}

// Pixels x to `end` of a row, M at a time while there are so many, then half as many.
template <int L, int M, int N>
inline int ConvolvePixels(int x, int end, const Geometry& geometry, const float* from,
                          const float* kernel, float* to) {
  const int channels = geometry.channels;
  for (; x + M <= end; x += M)
    ConvolveBlock<L, M, N>(from + x * channels, geometry.padded_row(), kernel, channels,
                              to + x * channels);
  if constexpr (M == 8 || M == 4 || M == 2)
    x = ConvolvePixels<L, M / 2, N>(x, end, geometry, from, kernel, to);
  return x;
}

// Calls `call(row of the padded image, row of the outputs)` for every row.
template <typename Call>
void ForRows(const Geometry& geometry, const float* padded, float* to, Call call) {
  for (int y = 0; y < geometry.height; ++y)
    call(padded + y * geometry.padded_row(), to + size_t(y) * geometry.width * geometry.channels);
}

// to (height, width, channels) = the image within its borders * kernel.
template <int L>
void Convolve(const Geometry& geometry, const float* padded, const PackedKernel<L>& kernel,
              float* to) {
  for (int c = 0; c < geometry.channels; c += kernel.columns())
    ForRows(geometry, padded, to + c, [&](const float* from, float* row) {
      const float* weights = kernel.From(c);
      const int width = geometry.width;
      if (!kernel.wide) {
        ConvolvePixels<L, 8, 1>(0, width, geometry, from, weights, row);
        return;
      }
      const int x = ConvolvePixels<L, 6, 2>(0, 6 * kernel.sixes, geometry, from, weights, row);
      ConvolvePixels<L, 5, 2>(x, width, geometry, from, weights, row);
    });
}

// Sums over an image of L inputs times a vector of gradients, both with rows `padded_row` apart.
template <int L>
inline void AddTapBlock(const Geometry& geometry, const float* inputs, const float* gradient,
                        float* to) {
  const int channels = geometry.channels;
  Lanes<L> sums[L];
  for (int m = 0; m < L; ++m) sums[m] = Load<L>(to + m * channels);
  for (int y = 0; y < geometry.height; ++y) {
    const float* a = inputs + y * geometry.padded_row();
    const float* b = gradient + y * geometry.padded_row();
    for (int x = 0; x < geometry.width; ++x, a += channels, b += channels) {
      const Lanes<L> row = Load<L>(b);
      for (int m = 0; m < L; ++m) sums[m] += a[m] * row;
    }
  }
  for (int m = 0; m < L; ++m) Store<L>(to + m * channels, sums[m]);
}

// The gradient of the kernel, added to `to` (3, 3, channels, channels).
template <int L>
void AddConvolutionKernelGradient(const Geometry& geometry, const float* padded,
                                  const float* padded_gradient, float* to) {
  const int channels = geometry.channels;
  const float* gradient = padded_gradient + geometry.origin();
  for (int u = 0; u < kSide; ++u)
    for (int v = 0; v < kSide; ++v, to += size_t(channels) * channels) {
      const float* inputs = padded + u * geometry.padded_row() + v * channels;
      for (int k = 0; k < channels; k += L)
        for (int c = 0; c < channels; c += L)
          AddTapBlock<L>(geometry, inputs + k, gradient + c, to + k * channels + c);
    }
}

// The batch in parts, side by side on several cores; what is computed does not depend on how many.
constexpr int kParts = 8;

struct Part {
  Part(int images, int number)
      : first(images * number / kParts), last(images * (number + 1) / kParts) {}
  int first, last;
};

// A kernel for every edge, packed: as it is, or turned, with inputs and outputs exchanged.
template <int L>
std::vector<PackedKernel<L>> Packed(const Geometry& geometry, const float* kernels, int edges,
                                       bool turned) {
  const int channels = geometry.channels;
  std::vector<PackedKernel<L>> packed;
  for (int e = 0; e < edges; ++e, kernels += size_t(kSide) * kSide * channels * channels) {
    packed.emplace_back(geometry);
    packed.back().Fill([=](int tap, int k, int f) {
      return turned ? kernels[((kSide * kSide - 1 - tap) * channels + f) * channels + k]
                    : kernels[(tap * channels + k) * channels + f];
    });
  }
  return packed;
}

// Some images, on all edges.
template <int L>
void ConvolutionForward(const Geometry& geometry, const Part& part, const float* images,
                        const std::vector<PackedKernel<L>>& kernels,
                        const std::vector<StageProducts<float>>& edges,
                        std::vector<ProductStatistics>& statistics) {
  const int channels = geometry.channels;
  const size_t pixels = geometry.pixels_in(), image_size = pixels * channels;
  Buffer padded(geometry.padded_size());
  for (int n = part.first; n < part.last; ++n) {
    Activate<L>(geometry, images + n * image_size, nullptr, nullptr, padded.get());
    for (size_t e = 0; e < edges.size(); ++e) {
      float* products = edges[e].products + n * image_size;
      Convolve<L>(geometry, padded.get(), kernels[e], products);
      for (size_t first = 0; first < pixels; first += kBlockPixels)
        statistics[e].template Add<L>(
            products + first * channels,
            static_cast<int>(std::min<size_t>(kBlockPixels, pixels - first)));
    }
  }
}

// What the gradient takes and gives of an edge.
struct EdgeGradient {
  const ProductGradient* linear;  // null for an edge at which nothing arrives
  const float* upstream;
  const float* products;
  float* of_kernel;  // of the part, to which it is added
};

// Of some images, on all edges; `of_images` are those of all, of which these are overwritten.
template <int L>
void ConvolutionGradient(const Geometry& geometry, const Part& part, const float* images,
                         const std::vector<PackedKernel<L>>& turned,
                         const std::vector<EdgeGradient>& edges, float* of_images) {
  const int channels = geometry.channels, row = geometry.width * channels;
  const size_t size = size_t(kSide) * kSide * channels * channels;
  const size_t image_size = geometry.pixels_in() * channels;
  Buffer padded(geometry.padded_size()), gradient(geometry.padded_size());
  Buffer of_image(image_size), sums(size);
  const Lanes<L> zero{};
  for (int n = part.first; n < part.last; ++n) {
    const float* image = images + n * image_size;
    float* of_all = of_images + n * image_size;
    std::fill_n(of_all, image_size, 0.0f);
    Activate<L>(geometry, image, nullptr, nullptr, padded.get());
    for (size_t e = 0; e < edges.size(); ++e) {
      if (edges[e].linear == nullptr) continue;
      const ProductGradient& linear = *edges[e].linear;
      const float* upstream = edges[e].upstream + n * image_size;
      const float* products = edges[e].products + n * image_size;
      float* to = gradient.get() + geometry.origin();
      for (int y = 0; y < geometry.height; ++y) {
        for (int c = 0; c < channels; c += L) {
          const Lanes<L> a = Load<L>(linear.a + c), b = Load<L>(linear.b.get() + c),
                         shift = Load<L>(linear.c.get() + c);
          for (int i = c; i < row; i += channels)
            Store<L>(to + i, a * Load<L>(upstream + i) + b * Load<L>(products + i) + shift);
        }
        to += geometry.padded_row(), upstream += row, products += row;
      }
      // By image first: a sum of all pixels would lose the last ones' digits.
      std::fill_n(sums.get(), size, 0.0f);
      AddConvolutionKernelGradient<L>(geometry, padded.get(), gradient.get(), sums.get());
      for (size_t i = 0; i < size; ++i) edges[e].of_kernel[i] += sums.get()[i];
      Convolve<L>(geometry, gradient.get(), turned[e], of_image.get());
      for (size_t i = 0; i < image_size; i += L)
        Store<L>(of_all + i, Load<L>(of_all + i) + Load<L>(of_image.get() + i));
    }
    for (size_t i = 0; i < image_size; i += L)
      Store<L>(of_all + i, Load<L>(image + i) > zero ? Load<L>(of_all + i) : zero);
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_CONVOLUTION_H_
