// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Maximum pooling over 3 x 3 pixels with one pixel of minus infinity on every side, and its
// gradient, which goes to the first of the greatest pixels.

#ifndef SNAS_TF_NATIVE_MAX_POOL_H_
#define SNAS_TF_NATIVE_MAX_POOL_H_

#include <algorithm>
#include <cstddef>

#include "lanes.h"

namespace snas_tf {

struct Pooling {
  int images;
  int height;
  int width;
  int channels;
  int stride;

  int rows() const { return (height + stride - 1) / stride; }
  int columns() const { return (width + stride - 1) / stride; }
};

// Calls `call(output, window)` for every output pixel: `output` is where its channels begin, and
// `window` calls its argument with where those of its pixels in the image begin, row by row.
template <typename Call>
void ForWindows(const Pooling& pooling, Call call) {
  const size_t channels = pooling.channels, row = size_t(pooling.width) * channels;
  size_t output = 0;
  for (int n = 0; n < pooling.images; ++n)
    for (int y = 0; y < pooling.rows(); ++y)
      for (int x = 0; x < pooling.columns(); ++x, output += channels) {
        const int top = y * pooling.stride - 1, left = x * pooling.stride - 1;
        const int first = std::max(top, 0), end = std::min(top + 3, pooling.height);
        const int begin = std::max(left, 0), right = std::min(left + 3, pooling.width);
        const size_t corner =
            ((size_t(n) * pooling.height + first) * pooling.width + begin) * channels;
        call(output, [&](auto take) {
          if (end - first == 3 && right - begin == 3) {  // as most are: without a loop
            for (int v = 0; v < 3; ++v)
              for (int u = 0; u < 3; ++u) take(corner + v * row + u * channels);
            return;
          }
          for (int v = 0; v < end - first; ++v)
            for (int u = 0; u < right - begin; ++u) take(corner + v * row + u * channels);
        });
      }
}

// The one on the right where it is greater.
template <int L>
inline Lanes<L> Greater(Lanes<L> left, Lanes<L> right) {
  return right > left ? right : left;
}

// The greatest pixels of a row under each window, which all windows over the row share.
template <int L>
void MaxOfRow(const Pooling& pooling, const float* row, float* greatest) {
  for (int x = 0; x < pooling.columns(); ++x, greatest += pooling.channels) {
    const int left = x * pooling.stride - 1, first = std::max(left, 0);
    const int end = std::min(left + 3, pooling.width);
    for (int c = 0; c < pooling.channels; c += L) {
      Lanes<L> found = Load<L>(row + size_t(first) * pooling.channels + c);
      for (int u = first + 1; u < end; ++u)
        found = Greater<L>(found, Load<L>(row + size_t(u) * pooling.channels + c));
      Store<L>(greatest + c, found);
    }
  }
}

template <int L>
void MaxPool(const Pooling& pooling, const float* images, float* pooled) {
  const size_t row = size_t(pooling.width) * pooling.channels;
  const size_t size = size_t(pooling.columns()) * pooling.channels;
  const Buffer buffer(3 * size);  // of three rows that follow one another
  const auto of_row = [&](int v) { return buffer.get() + v % 3 * size; };
  for (int n = 0; n < pooling.images; ++n) {
    const float* image = images + n * pooling.height * row;
    int done = 0;
    for (int y = 0; y < pooling.rows(); ++y, pooled += size) {
      const int top = y * pooling.stride - 1, first = std::max(top, 0);
      const int end = std::min(top + 3, pooling.height);
      for (; done < end; ++done) MaxOfRow<L>(pooling, image + done * row, of_row(done));
      for (size_t i = 0; i < size; i += L) {
        Lanes<L> found = Load<L>(of_row(first) + i);
        for (int v = first + 1; v < end; ++v) found = Greater<L>(found, Load<L>(of_row(v) + i));
        Store<L>(pooled + i, found);
      }
    }
  }
}

// Added to `of_images`.
template <int L>
void MaxPoolGradient(const Pooling& pooling, const float* images, const float* pooled,
                     const float* upstream, float* of_images) {
  ForWindows(pooling, [&](size_t output, auto window) {
    for (int c = 0; c < pooling.channels; c += L) {
      const Lanes<L> greatest = Load<L>(pooled + output + c);
      Lanes<L> gradient = Load<L>(upstream + output + c);
      window([&](size_t pixel) {
        const auto found = Load<L>(images + pixel + c) == greatest;
        float* to = of_images + pixel + c;
        Store<L>(to, Load<L>(to) + (found ? gradient : Lanes<L>{}));
        gradient = found ? Lanes<L>{} : gradient;  // it is given once
      });
    }
  });
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_MAX_POOL_H_
