// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Stages of [ReLU, depthwise, pointwise], with batch normalisation between them, in training.
//
// Every stage goes over the batch once, image by image. Before it can be normalised the statistics
// of the whole batch must be known, so a stage writes its products as they are, and whoever reads
// them normalises: the next stage, or for the last one the caller. The products are all that is
// kept for the gradient, which computes the rest again while the image is in the cache. Sums run
// over the images in their order: same inputs, same bits.

#ifndef SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_H_
#define SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_H_

#include <algorithm>
#include <vector>

#include "channel_sums.h"
#include "image_loops.h"
#include "matrix_products.h"
#include "lanes.h"
#include "product_statistics.h"

namespace snas_tf {

struct Chain {
  int images;
  float epsilon;
  std::vector<Geometry> stages;
};

// What a stage has for one edge. The last one has no scale and offset.
struct StageWeights {
  const float* spatial;  // (size, size, channels)
  const float* mixing;   // (channels, channels)
  const float* scale;    // (channels)
  const float* offset;   // (channels)
};

inline double CountOf(const Chain& chain, const Geometry& geometry) {
  return double(chain.images) * geometry.pixels_out();
}

// The batch normalisation of an inner stage: slope * product + shift.
struct Normalization {
  template <typename Float>
  Normalization(int channels, const StageWeights& weights, const StageProducts<Float>& stage)
      : slope(channels), shift(channels) {
    for (int c = 0; c < channels; ++c) {
      slope.get()[c] = weights.scale[c] * stage.inverse_deviation[c];
      shift.get()[c] = weights.offset[c] - stage.mean[c] * slope.get()[c];
    }
  }

  Buffer slope;
  Buffer shift;
};

// Rows that are worked on together.
inline int BlockRows(const Geometry& geometry) {
  return std::max(1, kBlockPixels / std::max(1, geometry.columns()));
}

// Calls `call(first row, rows)` for every block of an image's rows.
template <typename Call>
void ForBlocks(const Geometry& geometry, Call call) {
  const int step = BlockRows(geometry);
  for (int y = 0; y < geometry.rows(); y += step) call(y, std::min(step, geometry.rows() - y));
}

template <int L, int K>
void FilterBlock(const Geometry& geometry, const float* padded, const float* kernel, int first,
                 int rows, float* to, const float* ahead) {
  const Taps taps = TapsOf(geometry);
  const int row = geometry.columns() * geometry.channels;
  for (int y = first; y < first + rows; ++y, to += row, ahead += row)
    FilterRow<L, K>(padded + y * geometry.stride * geometry.padded_row(), taps, kernel,
                    geometry.channels, geometry.columns(), to, ahead);
}

template <int L, int K>
void StageForward(const Chain& chain, const Geometry& geometry, const float* images,
                  const Normalization* before, const StageWeights& weights,
                  const StageProducts<float>& stage) {
  const int channels = geometry.channels, columns = geometry.columns();
  Buffer padded(geometry.padded_size());
  Buffer filtered(size_t(BlockRows(geometry)) * columns * channels);
  std::fill_n(padded.get(), geometry.padded_size(), 0.0f);
  ProductStatistics statistics(channels);
  const size_t image_size = geometry.pixels_in() * channels;
  float* products = stage.products;
  for (int n = 0; n < chain.images; ++n, images += image_size) {
    Activate<L>(geometry, images, before ? before->slope.get() : nullptr,
                before ? before->shift.get() : nullptr, padded.get());
    ForBlocks(geometry, [&](int first, int rows) {
      const int pixels = rows * columns;
      const size_t size = size_t(pixels) * channels;
      FilterBlock<L, K>(geometry, padded.get(), weights.spatial, first, rows, filtered.get(),
                        images + image_size + first * geometry.columns() * channels);
      Multiply<L>(pixels, filtered.get(), weights.mixing, channels, channels, /*adds=*/false,
                  products, products + 4 * size);
      statistics.Add<L>(products, pixels);
      products += size;
    });
  }
  statistics.Write(CountOf(chain, geometry), chain.epsilon, stage);
}

// All stages on one edge.
template <int L, int K>
void Forward(const Chain& chain, const float* images, const std::vector<StageWeights>& weights,
             const std::vector<StageProducts<float>>& stages) {
  StageForward<L, K>(chain, chain.stages[0], images, nullptr, weights[0], stages[0]);
  for (size_t s = 1; s < chain.stages.size(); ++s) {
    const Normalization before(chain.stages[s].channels, weights[s - 1], stages[s - 1]);
    StageForward<L, K>(chain, chain.stages[s], stages[s - 1].products, &before, weights[s],
                       stages[s]);
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_SEPARABLE_CONVOLUTION_H_
