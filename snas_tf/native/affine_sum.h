// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A sum of tensors (pixels, channels), each scaled channel by channel, in one pass over all.

#ifndef SNAS_TF_NATIVE_AFFINE_SUM_H_
#define SNAS_TF_NATIVE_AFFINE_SUM_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "channel_sums.h"
#include "lanes.h"

namespace snas_tf {

// to = shift + sum over t of slopes[t] * terms[t]; slopes (terms, channels), shift (channels).
template <int L>
void AffineSum(const std::vector<const float*>& terms, size_t pixels, int channels,
               const float* slopes, const float* shift, float* to) {
  const size_t block = size_t(kBlockPixels) * channels, size = pixels * channels;
  for (size_t first = 0; first < size; first += block) {
    const size_t end = std::min(first + block, size);
    for (int c = 0; c < channels; c += L) {
      // Two terms at a time: half as often the sum is read and written.
      size_t t = 0;
      const Lanes<L> constant = Load<L>(shift + c);
      do {
        const bool paired = t + 1 < terms.size();
        const float* one = terms[t];
        const float* other = paired ? terms[t + 1] : one;
        const Lanes<L> slope = Load<L>(slopes + t * channels + c);
        const Lanes<L> other_slope =
            paired ? Load<L>(slopes + (t + 1) * channels + c) : Lanes<L>{};
        for (size_t i = first + c; i < end; i += channels) {
          const Lanes<L> before = t == 0 ? constant : Load<L>(to + i);
          Store<L>(to + i, before + slope * Load<L>(one + i) + other_slope * Load<L>(other + i));
        }
        t += 2;
      } while (t < terms.size());
    }
  }
}

// What the gradient of the sum has of its slopes and its shift: `of_slopes` (terms, channels), the
// sums of gradient * (term - origin), and `of_shift` (channels), those of the gradient. Computes
// only `begin` to `end` of these terms and the shift, which comes after the last term.
template <int L>
void AffineSumProducts(const std::vector<const float*>& terms, const float* origins,
                       const float* gradient, size_t pixels, int channels, size_t begin,
                       size_t end, float* of_slopes, float* of_shift) {
  std::vector<ChannelSums> sums;
  for (size_t t = begin; t < end; ++t) sums.emplace_back(channels);
  for (size_t first = 0; first < pixels; first += kBlockPixels) {
    const int count = static_cast<int>(std::min<size_t>(kBlockPixels, pixels - first));
    const float* up = gradient + first * channels;
    for (size_t t = begin; t < end; ++t) {
      if (t == terms.size()) {
        sums[t - begin].template Add<L>(count, [=](int i, int) { return Load<L>(up + i); });
        continue;
      }
      const float* term = terms[t] + first * channels;
      const float* origin = origins + t * channels;
      sums[t - begin].template Add<L>(count, [=](int i, int c) {
        return Load<L>(up + i) * (Load<L>(term + i) - Load<L>(origin + c));
      });
    }
  }
  for (size_t t = begin; t < end; ++t) {
    float* to = t == terms.size() ? of_shift : of_slopes + t * channels;
    for (int c = 0; c < channels; ++c) to[c] = float(sums[t - begin][c]);
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_AFFINE_SUM_H_
