// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The mean and the variance of products over a batch, which are taken as they are made.

#ifndef SNAS_TF_NATIVE_PRODUCT_STATISTICS_H_
#define SNAS_TF_NATIVE_PRODUCT_STATISTICS_H_

#include <algorithm>
#include <cmath>
#include <limits>

#include "channel_sums.h"
#include "lanes.h"

namespace snas_tf {

// A convolution's outputs (images, rows, columns, channels), and by channel their mean, unbiased
// variance, and 1 / sqrt(biased variance + epsilon).
template <typename Float>
struct StageProducts {
  Float* products;
  Float* mean;
  Float* variance;
  Float* inverse_deviation;
};

class ProductStatistics {
 public:
  explicit ProductStatistics(int channels)
      : channels_(channels), origin_(channels), sums_(channels), squares_(channels) {}

  // Takes some pixels, not many more than kBlockPixels.
  template <int L>
  void Add(const float* products, int pixels) {
    if (!begun_) {
      // Squares are taken from about the mean, or a large one would leave nothing of a small
      // variance.
      ChannelSums block(channels_);
      block.Add<L>(pixels, [=](int i, int) { return Load<L>(products + i); });
      for (int c = 0; c < channels_; ++c) origin_.get()[c] = float(block[c] / pixels);
      begun_ = true;
    }
    pixels_ += pixels;
    const float* origin = origin_.get();
    sums_.Add<L>(pixels,
                 [=](int i, int c) { return Load<L>(products + i) - Load<L>(origin + c); });
    squares_.Add<L>(pixels, [=](int i, int c) {
      const Lanes<L> distance = Load<L>(products + i) - Load<L>(origin + c);
      return distance * distance;
    });
  }

  // Takes what others were given.
  void Merge(const ProductStatistics& others) {
    if (!others.begun_) return;
    if (!begun_) std::copy_n(others.origin_.get(), channels_, origin_.get());
    begun_ = true;
    for (int c = 0; c < channels_; ++c) {
      const double apart = double(others.origin_.get()[c]) - origin_.get()[c];
      const double moved = others.sums_[c] + others.pixels_ * apart;
      squares_[c] += others.squares_[c] + apart * (others.sums_[c] + moved);
      sums_[c] += moved;
    }
    pixels_ += others.pixels_;
  }

  // Of so many pixels in all.
  void Write(double count, float epsilon, const StageProducts<float>& stage) const {
    for (int c = 0; c < channels_; ++c) {
      if (count == 0) {
        stage.mean[c] = stage.variance[c] = std::numeric_limits<float>::quiet_NaN();
        stage.inverse_deviation[c] = 0;  // a factor of gradients, which are zero
        continue;
      }
      const double distance = sums_[c] / count;
      const double rounded = squares_[c] - sums_[c] * distance;
      const double sum = rounded < 0 ? 0 : rounded;  // std::max would take a not-a-number for 0
      stage.mean[c] = float(origin_.get()[c] + distance);
      stage.variance[c] = float(sum / std::max(count - 1, 1.0));
      stage.inverse_deviation[c] = float(1 / std::sqrt(sum / count + epsilon));
    }
  }

 private:
  int channels_;
  bool begun_ = false;
  double pixels_ = 0;
  Buffer origin_;
  ChannelSums sums_, squares_;
};

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_PRODUCT_STATISTICS_H_
