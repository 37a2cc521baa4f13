// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Means over 3 x 3 pixels, of those that there are at the border, at stride 1; and their gradient.
//
// Both are sums over 3 x 3 pixels: the mean of the pixels, divided afterwards, the gradient of what
// arrives, divided before. They are taken row by row from the first pixel on, as TensorFlow's
// operations take them, with the same result to the bit.

#ifndef SNAS_TF_NATIVE_AVERAGE_POOL_H_
#define SNAS_TF_NATIVE_AVERAGE_POOL_H_

#include <cstddef>

#include "lanes.h"

namespace snas_tf {

// The pixels of a window's three rows or columns that lie in the image.
inline int WindowCount(int position, int size) {
  return 1 + (position > 0) + (position + 1 < size);
}

// Three rows (width, channels) that follow one another, with a pixel of zeros on either side.
class WindowRows {
 public:
  WindowRows(int width, int channels)
      : channels_(channels), padded_(size_t(width + 2) * channels), buffer_(4 * padded_) {}

  // Where row `y` of the image is kept, without its border; zeros above and below the image.
  float* Row(int y, int height) const {
    const int place = y < 0 || y >= height ? 3 : y % 3;
    return buffer_.get() + place * padded_ + channels_;
  }

 private:
  size_t channels_, padded_;
  Buffer buffer_;
};

// One image (height, width, channels): the means of `from`, or the gradient from that of the means.
template <int L, bool kGradient>
void AveragePool(int height, int width, int channels, const float* from, float* to) {
  const size_t row = size_t(width) * channels;
  const WindowRows rows(width, channels);
  const auto take = [&](int y) {
    float* kept = rows.Row(y, height);
    for (int x = 0; x < width; ++x) {
      const float share = 1.0f / float(WindowCount(y, height) * WindowCount(x, width));
      for (size_t i = size_t(x) * channels; i < size_t(x + 1) * channels; i += L) {
        const Lanes<L> pixel = Load<L>(from + y * row + i);
        Store<L>(kept + i, kGradient ? pixel * share : pixel);
      }
    }
  };
  if (height > 0) take(0);
  for (int y = 0; y < height; ++y) {
    if (y + 1 < height) take(y + 1);
    const float* window[] = {rows.Row(y - 1, height), rows.Row(y, height), rows.Row(y + 1, height)};
    for (int x = 0; x < width; ++x) {
      const float count = float(WindowCount(y, height) * WindowCount(x, width));
      for (size_t i = size_t(x) * channels; i < size_t(x + 1) * channels; i += L) {
        Lanes<L> sum{};
        for (const float* pixels : window)
          for (int v = -1; v <= 1; ++v) sum += Load<L>(pixels + i + v * channels);
        Store<L>(to + y * row + i, kGradient ? sum : sum / count);
      }
    }
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_AVERAGE_POOL_H_
