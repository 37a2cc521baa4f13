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
  const size_t channels = pooling.channels;
  size_t output = 0;
  for (int n = 0; n < pooling.images; ++n)
    for (int y = 0; y < pooling.rows(); ++y)
      for (int x = 0; x < pooling.columns(); ++x, output += channels) {
        const int top = y * pooling.stride - 1, left = x * pooling.stride - 1;
        call(output, [&](auto take) {
          for (int v = std::max(top, 0); v < std::min(top + 3, pooling.height); ++v)
            for (int u = std::max(left, 0); u < std::min(left + 3, pooling.width); ++u)
              take(((size_t(n) * pooling.height + v) * pooling.width + u) * channels);
        });
      }
}

template <int L>
void MaxPool(const Pooling& pooling, const float* images, float* pooled) {
  ForWindows(pooling, [&](size_t output, auto window) {
    for (int c = 0; c < pooling.channels; c += L) {
      bool first = true;
      Lanes<L> greatest{};
      window([&](size_t pixel) {
        const Lanes<L> lanes = Load<L>(images + pixel + c);
        greatest = first ? lanes : (lanes > greatest ? lanes : greatest);
        first = false;
      });
      Store<L>(pooled + output + c, greatest);
    }
  });
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
