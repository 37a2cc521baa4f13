// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Sums over pixels by channel: single precision within a block of pixels, double beyond.

#ifndef SNAS_TF_NATIVE_CHANNEL_SUMS_H_
#define SNAS_TF_NATIVE_CHANNEL_SUMS_H_

#include <cstddef>
#include <vector>

#include "lanes.h"

namespace snas_tf {

// Pixels of a block: enough to keep sums in registers, few enough for the first cache.
constexpr int kBlockPixels = 64;

class ChannelSums {
 public:
  explicit ChannelSums(int channels) : totals_(channels, 0.0), block_(channels) {}

  // Adds `term(i, c)`, L channels from c on, of the float at i = pixel * channels + c.
  template <int L, typename Term>
  void Add(int pixels, Term term) {
    constexpr int kSums = 4;  // side by side, for an addition waits for the one before
    const int channels = static_cast<int>(totals_.size());
    for (int c = 0; c < channels; c += L) {
      Lanes<L> sums[kSums] = {};
      int p = 0;
      for (; p + kSums <= pixels; p += kSums)
        for (int s = 0; s < kSums; ++s) sums[s] += term((p + s) * channels + c, c);
      for (; p < pixels; ++p) sums[0] += term(p * channels + c, c);
      Store<L>(block_.get() + c, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
    for (int c = 0; c < channels; ++c) totals_[c] += block_.get()[c];
  }

  double operator[](int channel) const { return totals_[channel]; }
  double& operator[](int channel) { return totals_[channel]; }

 private:
  std::vector<double> totals_;
  Buffer block_;
};

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_CHANNEL_SUMS_H_
