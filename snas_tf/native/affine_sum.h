// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// A sum of tensors (pixels, channels), each scaled channel by channel, in one pass over all.

#ifndef SNAS_TF_NATIVE_AFFINE_SUM_H_
#define SNAS_TF_NATIVE_AFFINE_SUM_H_

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "channel_sums.h"
#include "lanes.h"

namespace snas_tf {

// Terms that are added in one pass over the pixels: each beyond them reads and writes the sum again.
constexpr size_t kTermsAtOnce = 4;

// to += sum over the first T of slopes[t] * terms[t], or the same on top of `shift` where it is given.
// Pixel by pixel, so that every tensor is one stream of memory, which the machine fetches ahead.
template <int L, size_t T>
void AddTerms(const float* const* terms, size_t pixels, int channels, const float* slopes,
              const float* shift, float* to) {
  for (size_t first = 0; first < pixels * channels; first += channels) {
    for (int c = 0; c < channels; c += L) {
      Lanes<L> sum = shift ? Load<L>(shift + c) : Load<L>(to + first + c);
      for (size_t t = 0; t < T; ++t)
        sum += Load<L>(slopes + t * channels + c) * Load<L>(terms[t] + first + c);
      Store<L>(to + first + c, sum);
    }
  }
}

// to = shift + sum over t of slopes[t] * terms[t]; slopes (terms, channels), shift (channels).
template <int L>
void AffineSum(const std::vector<const float*>& terms, size_t pixels, int channels,
               const float* slopes, const float* shift, float* to) {
  for (size_t t = 0; t < terms.size(); t += kTermsAtOnce) {
    const auto add = [&](auto number) {
      AddTerms<L, number()>(&terms[t], pixels, channels, slopes + t * channels,
                            t == 0 ? shift : nullptr, to);
    };
    switch (std::min(kTermsAtOnce, terms.size() - t)) {
      case 1: add(std::integral_constant<size_t, 1>()); break;
      case 2: add(std::integral_constant<size_t, 2>()); break;
      case 3: add(std::integral_constant<size_t, 3>()); break;
      default: add(std::integral_constant<size_t, kTermsAtOnce>());
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
        Prefetch(term + i + kBlockPixels * channels);
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
