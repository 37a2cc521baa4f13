// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Means over 3 x 3 pixels, of those that there are at the border, at stride 1; and their gradient.
//
// The number of pixels under a window is that of its rows times that of its columns, so a mean is a
// sum over rows and then over columns; the gradient is the same sums of what was divided before.

#ifndef SNAS_TF_NATIVE_AVERAGE_POOL_H_
#define SNAS_TF_NATIVE_AVERAGE_POOL_H_

#include <cstddef>

#include "lanes.h"

namespace snas_tf {

// The part of a window's three rows or columns that lies in the image, turned round.
inline float InverseCount(int position, int size) {
  return 1.0f / float(1 + (position > 0) + (position + 1 < size));
}

// One image (height, width, channels): the means of `from`, or the gradient from that of the means.
template <int L, bool kGradient>
void AveragePool(int height, int width, int channels, const float* from, float* to) {
  const size_t row = size_t(width) * channels;
  const Buffer buffer(row + 2 * channels);  // a row of sums over rows, zeros on either side
  float* sums = buffer.get() + channels;
  for (int y = 0; y < height; ++y) {
    const float* here = from + y * row;
    const bool above = y > 0, below = y + 1 < height;
    const auto weight = [&](int v) { return kGradient ? InverseCount(v, height) : 1.0f; };
    const float weights[] = {weight(y - 1), weight(y), weight(y + 1)};
    for (int x = 0; x < width; ++x) {
      const float column = kGradient ? InverseCount(x, width) : 1.0f;
      for (size_t i = size_t(x) * channels; i < size_t(x + 1) * channels; i += L) {
        Lanes<L> sum = weights[1] * Load<L>(here + i);
        if (above) sum += weights[0] * Load<L>(here + i - row);
        if (below) sum += weights[2] * Load<L>(here + i + row);
        Store<L>(sums + i, column * sum);
      }
    }
    float* there = to + y * row;
    for (int x = 0; x < width; ++x) {
      const float scale =
          kGradient ? 1.0f : InverseCount(y, height) * InverseCount(x, width);
      for (size_t i = size_t(x) * channels; i < size_t(x + 1) * channels; i += L) {
        const float* left = sums + i - channels;
        const Lanes<L> sum = Load<L>(left) + Load<L>(sums + i) + Load<L>(sums + i + channels);
        Store<L>(there + i, scale * sum);
      }
    }
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_AVERAGE_POOL_H_
