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
#include <cmath>
#include <limits>
#include <vector>

#include "channel_sums.h"
#include "image_loops.h"
#include "lanes.h"

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

// The pointwise convolution's outputs (images, rows, columns, channels), and by channel their mean,
// unbiased variance, and 1 / sqrt(biased variance + epsilon).
template <typename Float>
struct StageProducts {
  Float* products;
  Float* mean;
  Float* variance;
  Float* inverse_deviation;
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
  Buffer padded(geometry.padded_size()), origin(channels);
  Buffer filtered(size_t(BlockRows(geometry)) * columns * channels);
  std::fill_n(padded.get(), geometry.padded_size(), 0.0f);
  ChannelSums sums(channels), squares(channels);
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
      Multiply<L>(filtered.get(), pixels, weights.mixing, channels, products, products + 4 * size);
      if (products == stage.products) {
        // Squares are taken from about the mean, or a large one would leave nothing of a small
        // variance.
        ChannelSums block(channels);
        block.Add<L>(pixels, [=](int i, int) { return Load<L>(products + i); });
        for (int c = 0; c < channels; ++c) origin.get()[c] = float(block[c] / pixels);
      }
      sums.Add<L>(pixels, [&](int i, int c) {
        return Load<L>(products + i) - Load<L>(origin.get() + c);
      });
      squares.Add<L>(pixels, [&](int i, int c) {
        const Lanes<L> distance = Load<L>(products + i) - Load<L>(origin.get() + c);
        return distance * distance;
      });
      products += size;
    });
  }
  const double count = CountOf(chain, geometry);
  for (int c = 0; c < channels; ++c) {
    if (count == 0) {
      stage.mean[c] = stage.variance[c] = std::numeric_limits<float>::quiet_NaN();
      stage.inverse_deviation[c] = 0;  // a factor of gradients, which are zero
      continue;
    }
    const double distance = sums[c] / count;
    const double rounded = squares[c] - sums[c] * distance;
    const double sum = rounded < 0 ? 0 : rounded;  // std::max would take a not-a-number for 0
    stage.mean[c] = float(origin.get()[c] + distance);
    stage.variance[c] = float(sum / std::max(count - 1, 1.0));
    stage.inverse_deviation[c] = float(1 / std::sqrt(sum / count + chain.epsilon));
  }
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
