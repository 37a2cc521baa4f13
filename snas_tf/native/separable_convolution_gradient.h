// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The gradient of separable_convolution.h, stage by stage from the last one.
//
// For an image, everything but the products is computed again and used at once. What comes of an
// inner stage is the gradient of its inputs behind the normalisation, which needs the sums of that
// gradient over the whole batch before the stage before it can go on.

#ifndef SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_GRADIENT_H_
#define SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_GRADIENT_H_

#include <algorithm>
#include <vector>

#include "separable_convolution.h"

namespace snas_tf {

// Of a stage's weights on one edge.
struct StageGradients {
  float* spatial;
  float* mixing;
  float* scale;
  float* offset;
};

// What arrives at a stage's products, by channel: the gradient `upstream` (images, rows, columns,
// channels) times `factor`, and those of the mean and of the inverse deviation.
struct Upstream {
  const float* upstream;
  const float* factor;
  const float* of_mean;
  const float* of_inverse_deviation;

  bool IsZero(int channels) const {
    return std::all_of(factor, factor + channels, [](float x) { return x == 0; }) &&
           std::all_of(of_mean, of_mean + channels, [](float x) { return x == 0; }) &&
           std::all_of(of_inverse_deviation, of_inverse_deviation + channels,
                       [](float x) { return x == 0; });
  }
};

// The gradient of the products, a * upstream + b * product + c: they are in the mean and in the
// deviation too (Ioffe and Szegedy, arXiv 1502.03167).
struct ProductGradient {
  ProductGradient(const Chain& chain, const Geometry& geometry,
                  const StageProducts<const float>& stage, const Upstream& arriving)
      : a(arriving.factor), b(geometry.channels), c(geometry.channels) {
    const double count = CountOf(chain, geometry);
    for (int i = 0; i < geometry.channels; ++i) {
      const double inverse = stage.inverse_deviation[i];
      const double of_product =
          -arriving.of_inverse_deviation[i] * inverse * inverse * inverse / count;
      b.get()[i] = float(of_product);
      c.get()[i] = float(arriving.of_mean[i] / count - of_product * stage.mean[i]);
    }
  }

  const float* a;
  Buffer b;
  Buffer c;
};

// What the gradient of a stage needs beside its inputs: a buffer of each kind for one image.
struct Workspace {
  explicit Workspace(const Geometry& geometry)
      : padded(geometry.padded_size()),
        padded_gradient(geometry.padded_size()),
        gradient(geometry.pixels_out() * geometry.channels),
        filtered(size_t(BlockRows(geometry)) * geometry.columns() * geometry.channels),
        of_products(size_t(BlockRows(geometry)) * geometry.columns() * geometry.channels),
        image_row(geometry.width * geometry.channels),
        transposed(size_t(geometry.channels) * geometry.channels),
        turned(size_t(geometry.size) * geometry.size * geometry.channels) {
    std::fill_n(padded.get(), geometry.padded_size(), 0.0f);
    std::fill_n(padded_gradient.get(), geometry.padded_size(), 0.0f);
  }

  Buffer padded, padded_gradient, gradient, filtered, of_products, image_row, transposed, turned;
};

// From the gradient of the products to that of the depthwise outputs, and the weights'.
template <int L, int K>
void WeightGradients(const Geometry& geometry, const StageWeights& weights, const float* upstream,
                     const float* products, const ProductGradient& linear, const Workspace& work,
                     float* filtered_gradient, size_t gradient_row, float* of_mixing,
                     float* of_spatial, const float* ahead) {
  const int channels = geometry.channels, columns = geometry.columns();
  const size_t row = size_t(columns) * channels, next_image = geometry.rows() * row;
  float* of_products = work.of_products.get();
  ForBlocks(geometry, [&](int first, int rows) {
    const size_t size = rows * row;
    FilterBlock<L, K>(geometry, work.padded.get(), weights.spatial, first, rows,
                      work.filtered.get(), upstream + next_image);
    for (int c = 0; c < channels; c += L) {
      const Lanes<L> la = Load<L>(linear.a + c), lb = Load<L>(linear.b.get() + c),
                     lc = Load<L>(linear.c.get() + c);
      for (size_t i = c; i < size; i += channels)
        Store<L>(of_products + i, la * Load<L>(upstream + i) + lb * Load<L>(products + i) + lc);
    }
    AddOuter<L>(rows * columns, work.filtered.get(), of_products, channels, channels, of_mixing);
    for (int y = 0; y < rows; ++y)
      Multiply<L>(columns, of_products + y * row, work.transposed.get(), channels, channels,
                  /*adds=*/false, filtered_gradient + (first + y) * gradient_row,
                  products + next_image + y * row);
    upstream += size;
    products += size;
  });
  AddKernelGradient<L, K>(geometry, work.padded.get(), filtered_gradient, gradient_row, of_spatial,
                          ahead);
}

// Goes over the batch and calls `take(image, row, gradient, active)` for every row of the stage's
// inputs: `gradient` is that of the activated row, `active` the row itself. It writes to `taken`,
// which is like the inputs.
template <int L, int K, typename Take>
void StageGradient(const Chain& chain, const Geometry& geometry, const float* images,
                   const Normalization* before, const StageWeights& weights,
                   const Upstream& arriving, const StageProducts<const float>& stage,
                   const StageGradients& gradients, const float* taken, Take take) {
  const ProductGradient linear(chain, geometry, stage, arriving);
  const float* upstream = arriving.upstream;
  const float* products = stage.products;
  const int channels = geometry.channels, columns = geometry.columns();
  const size_t padded_row = geometry.padded_row();
  const Taps taps = TapsOf(geometry);
  Workspace work(geometry);
  for (int k = 0; k < channels; ++k)
    for (int f = 0; f < channels; ++f)
      work.transposed.get()[f * channels + k] = weights.mixing[k * channels + f];
  for (int tap = 0; tap < K * K; ++tap)
    std::copy_n(weights.spatial + (K * K - 1 - tap) * channels, channels,
                work.turned.get() + tap * channels);
  const bool dense = geometry.stride == 1;
  float* filtered_gradient =
      dense ? work.padded_gradient.get() + geometry.origin() : work.gradient.get();
  const size_t image_size = geometry.pixels_in() * channels;
  const size_t gradient_row = dense ? padded_row : size_t(columns) * channels;
  const size_t mixing_size = size_t(channels) * channels, spatial_size = K * K * channels;
  // By image first: a sum of all pixels would lose the last ones' digits.
  Buffer of_mixing(mixing_size), of_spatial(spatial_size);
  for (int n = 0; n < chain.images; ++n) {
    std::fill_n(of_mixing.get(), mixing_size, 0.0f);
    std::fill_n(of_spatial.get(), spatial_size, 0.0f);
    Activate<L>(geometry, images, before ? before->slope.get() : nullptr,
                before ? before->shift.get() : nullptr, work.padded.get());
    WeightGradients<L, K>(geometry, weights, upstream, products, linear, work, filtered_gradient,
                          gradient_row, of_mixing.get(), of_spatial.get(),
                          taken + (n + 1) * image_size);
    for (size_t i = 0; i < mixing_size; ++i) gradients.mixing[i] += of_mixing.get()[i];
    for (size_t i = 0; i < spatial_size; ++i) gradients.spatial[i] += of_spatial.get()[i];
    if (!dense) {
      std::fill_n(work.padded_gradient.get(), geometry.padded_size(), 0.0f);
      for (int y = 0; y < geometry.rows(); ++y)
        ScatterRow<L, K>(filtered_gradient + y * gradient_row, taps, weights.spatial, channels,
                         columns,
                         work.padded_gradient.get() + y * geometry.stride * padded_row);
    }
    for (int y = 0; y < geometry.height; ++y) {
      const float* row = work.padded_gradient.get() + geometry.origin() + y * padded_row;
      if (dense) {
        FilterRow<L, K>(work.padded_gradient.get() + y * padded_row, taps, work.turned.get(),
                        channels, geometry.width, work.image_row.get(),
                        images + image_size + y * geometry.width * channels);
        row = work.image_row.get();
      }
      take(n, y, row, work.padded.get() + geometry.origin() + y * padded_row);
    }
    images += image_size;
    upstream += geometry.pixels_out() * channels;
    products += geometry.pixels_out() * channels;
  }
}

// Sums of the gradient of a normalisation's output, and of it times (product - mean).
struct GradientSums {
  explicit GradientSums(int channels) : plain(channels), centered(channels) {}

  template <int L>
  void Add(const float* gradient, const float* products, const float* mean, int pixels) {
    plain.Add<L>(pixels, [=](int i, int) { return Load<L>(gradient + i); });
    centered.Add<L>(pixels, [=](int i, int c) {
      return Load<L>(gradient + i) * (Load<L>(products + i) - Load<L>(mean + c));
    });
  }

  ChannelSums plain;
  ChannelSums centered;
};

// The gradient of Forward on one edge. Weights' gradients are overwritten, that of the images is
// added to `of_images`. `between` has room for (images, rows, columns, channels).
template <int L, int K>
void Gradient(const Chain& chain, const float* images, const std::vector<StageWeights>& weights,
              const std::vector<StageProducts<const float>>& stages, Upstream arriving,
              const std::vector<StageGradients>& gradients, float* between, float* of_images) {
  const int channels = chain.stages[0].channels;
  for (size_t s = 0; s < stages.size(); ++s) {
    std::fill_n(gradients[s].spatial, K * K * channels, 0.0f);
    std::fill_n(gradients[s].mixing, size_t(channels) * channels, 0.0f);
    if (s + 1 == stages.size()) continue;
    std::fill_n(gradients[s].scale, channels, 0.0f);
    std::fill_n(gradients[s].offset, channels, 0.0f);
  }
  if (arriving.IsZero(channels)) return;  // an edge of weight exactly zero
  std::vector<Normalization> inner;
  for (size_t s = 0; s + 1 < stages.size(); ++s)
    inner.emplace_back(channels, weights[s], stages[s]);
  const Lanes<L> zero{};
  Buffer of_mean(channels), of_inverse_deviation(channels);
  for (size_t s = stages.size() - 1; s > 0; --s) {
    const Geometry& geometry = chain.stages[s];
    const StageProducts<const float>& below = stages[s - 1];
    const size_t row = size_t(geometry.width) * channels;
    GradientSums sums(channels);
    // `between` may be what arrives: of an image it is overwritten when it has been read.
    StageGradient<L, K>(
        chain, geometry, below.products, &inner[s - 1], weights[s], arriving, stages[s],
        gradients[s], between, [&](int n, int y, const float* gradient, const float* active) {
          const size_t at = (size_t(n) * geometry.height + y) * row;
          for (size_t i = 0; i < row; i += L)
            Store<L>(between + at + i,
                     Load<L>(active + i) > zero ? Load<L>(gradient + i) : zero);
          sums.Add<L>(between + at, below.products + at, below.mean, geometry.width);
        });
    const float* slope = inner[s - 1].slope.get();
    for (int c = 0; c < channels; ++c) {
      gradients[s - 1].offset[c] = float(sums.plain[c]);
      gradients[s - 1].scale[c] = float(sums.centered[c] * below.inverse_deviation[c]);
      of_mean.get()[c] = float(-slope[c] * sums.plain[c]);
      of_inverse_deviation.get()[c] = float(weights[s - 1].scale[c] * sums.centered[c]);
    }
    arriving = {between, slope, of_mean.get(), of_inverse_deviation.get()};
  }
  const size_t row = size_t(chain.stages[0].width) * channels;
  StageGradient<L, K>(
      chain, chain.stages[0], images, nullptr, weights[0], arriving, stages[0], gradients[0],
      of_images,
      [&](int n, int y, const float* gradient, const float* active) {
        float* to = of_images + (size_t(n) * chain.stages[0].height + y) * row;
        for (size_t i = 0; i < row; i += L)
          Store<L>(to + i, Load<L>(to + i) +
                               (Load<L>(active + i) > zero ? Load<L>(gradient + i) : zero));
      });
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_GRADIENT_H_
