// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The loops of a depthwise separable convolution over one image (height, width, channels), which
// stays in the processor's cache from the first of them to the last. Channels are a multiple of L.
//
// Some take `ahead`: floats in memory that will be needed soon, as many as the loop writes. They
// are asked for in passing, a line at a time: to wait for the memory takes a third of the time, and
// to ask for all of it at once does as well.

#ifndef SNAS_TF_NATIVE_IMAGE_LOOPS_H_
#define SNAS_TF_NATIVE_IMAGE_LOOPS_H_

#include <cstddef>

#include "lanes.h"

namespace snas_tf {

// One depthwise separable convolution with symmetric zero padding, size odd.
struct Geometry {
  int height;
  int width;
  int channels;
  int size;
  int stride;
  int dilation;

  int border() const { return dilation * (size / 2); }
  int rows() const { return (height + stride - 1) / stride; }
  int columns() const { return (width + stride - 1) / stride; }
  size_t pixels_in() const { return size_t(height) * width; }
  size_t pixels_out() const { return size_t(rows()) * columns(); }
  size_t padded_row() const { return size_t(width + 2 * border()) * channels; }
  size_t padded_size() const { return (height + 2 * border()) * padded_row(); }
  // Where the image begins within its borders.
  size_t origin() const { return border() * (padded_row() + channels); }
};

// relu(scale * image + offset) within its borders, which stay as they are; scale null for 1 and 0.
template <int L>
void Activate(const Geometry& geometry, const float* image, const float* scale,
              const float* offset, float* padded) {
  const int channels = geometry.channels;
  const int row = geometry.width * channels;
  float* to = padded + geometry.origin();
  for (int y = 0; y < geometry.height; ++y, image += row, to += geometry.padded_row()) {
    if (scale == nullptr) {
      for (int i = 0; i < row; i += L) Store<L>(to + i, Relu<L>(Load<L>(image + i)));
      continue;
    }
    for (int c = 0; c < channels; c += L) {
      const Lanes<L> slope = Load<L>(scale + c), shift = Load<L>(offset + c);
      for (int i = c; i < row; i += channels)
        Store<L>(to + i, Relu<L>(Load<L>(image + i) * slope + shift));
    }
  }
}

// Distances between the floats that a filter of K x K taps reads.
struct Taps {
  size_t row;     // from a tap to the one below
  size_t column;  // to the one on the right
  int pixel;      // from an output pixel's first tap to the next output pixel's
};

inline Taps TapsOf(const Geometry& geometry) {
  return {geometry.dilation * geometry.padded_row(),
          size_t(geometry.dilation) * geometry.channels, geometry.stride * geometry.channels};
}

template <int L, int K, int B>
inline void FilterPixels(const float* from, const Taps& taps, const Lanes<L>* kernel, int channels,
                         float* to) {
  Lanes<L> sums[B] = {};
  for (int u = 0; u < K; ++u)
    for (int v = 0; v < K; ++v)
      for (int b = 0; b < B; ++b)
        sums[b] += Load<L>(from + u * taps.row + v * taps.column + b * taps.pixel) *
                   kernel[u * K + v];
  for (int b = 0; b < B; ++b) Store<L>(to + b * channels, sums[b]);
}

// The same at stride 1 and dilation D: a pixel is read once for all outputs that it takes part in.
template <int L, int K, int B, int D>
inline void SlideOverPixels(const float* from, const Taps& taps, const Lanes<L>* kernel,
                            int channels, float* to) {
  constexpr int kSeen = B + D * (K - 1);
  Lanes<L> sums[B] = {};
  for (int u = 0; u < K; ++u) {
    Lanes<L> seen[kSeen];
    for (int x = 0; x < kSeen; ++x) seen[x] = Load<L>(from + u * taps.row + x * channels);
    for (int v = 0; v < K; ++v)
      for (int b = 0; b < B; ++b) sums[b] += seen[b + D * v] * kernel[u * K + v];
  }
  for (int b = 0; b < B; ++b) Store<L>(to + b * channels, sums[b]);
}

// One row of a depthwise convolution; `from` is the first tap of its first pixel. D is the dilation
// at stride 1, else 0.
template <int L, int K, int D>
void FilterRowOf(const float* from, const Taps& taps, const float* kernel, int channels, int pixels,
                 float* to, const float* ahead) {
  constexpr int kBlock = K < 5 || D == 0 ? 4 : 8;  // as many sums as the registers hold
  for (int c = 0; c < channels; c += L) {
    Lanes<L> lanes[K * K];
    for (int tap = 0; tap < K * K; ++tap) lanes[tap] = Load<L>(kernel + tap * channels + c);
    int x = 0;
    for (; x + kBlock <= pixels; x += kBlock) {
      const float* first = from + x * taps.pixel + c;
      float* filtered = to + x * channels + c;
      for (int b = 0; b < kBlock; ++b) Prefetch(ahead + (x + b) * channels + c);
      if constexpr (D == 0)
        FilterPixels<L, K, kBlock>(first, taps, lanes, channels, filtered);
      else
        SlideOverPixels<L, K, kBlock, D>(first, taps, lanes, channels, filtered);
    }
    for (; x < pixels; ++x)
      FilterPixels<L, K, 1>(from + x * taps.pixel + c, taps, lanes, channels,
                            to + x * channels + c);
  }
}

template <int L, int K>
void FilterRow(const float* from, const Taps& taps, const float* kernel, int channels, int pixels,
               float* to, const float* ahead) {
  const bool dense = taps.pixel == channels;
  const size_t dilation = taps.column / channels;
  const auto filter = dense && dilation == 1   ? FilterRowOf<L, K, 1>
                      : dense && dilation == 2 ? FilterRowOf<L, K, 2>
                                               : FilterRowOf<L, K, 0>;
  filter(from, taps, kernel, channels, pixels, to, ahead);
}

// The gradient of FilterRow's input for a stride above 1, added to `to`.
template <int L, int K>
void ScatterRow(const float* upstream, const Taps& taps, const float* kernel, int channels,
                int pixels, float* to) {
  for (int c = 0; c < channels; c += L)
    for (int x = 0; x < pixels; ++x) {
      const Lanes<L> gradient = Load<L>(upstream + x * channels + c);
      float* first = to + x * taps.pixel + c;
      for (int u = 0; u < K; ++u)
        for (int v = 0; v < K; ++v) {
          float* at = first + u * taps.row + v * taps.column;
          Store<L>(at, Load<L>(at) + gradient * Load<L>(kernel + (u * K + v) * channels + c));
        }
    }
}

// The gradient of a depthwise kernel (K, K, channels), added to `to`. The rows of `upstream` lie
// `upstream_row` floats apart. `ahead` are as many floats as the image has.
template <int L, int K>
void AddKernelGradient(const Geometry& geometry, const float* padded, const float* upstream,
                       size_t upstream_row, float* to, const float* ahead) {
  const Taps taps = TapsOf(geometry);
  const int channels = geometry.channels;
  for (int c = 0; c < channels; c += L) {
    Lanes<L> sums[K * K];
    for (int tap = 0; tap < K * K; ++tap) sums[tap] = Load<L>(to + tap * channels + c);
    for (int y = 0; y < geometry.rows(); ++y) {
      const float* from = padded + y * geometry.stride * geometry.padded_row() + c;
      const float* gradient = upstream + y * upstream_row + c;
      for (int x = 0; x < geometry.columns(); ++x, from += taps.pixel, gradient += channels) {
        for (int part = 0; part < geometry.stride * geometry.stride; ++part, ahead += L)
          Prefetch(ahead);
        const Lanes<L> factor = Load<L>(gradient);
        for (int u = 0; u < K; ++u)
          for (int v = 0; v < K; ++v)
            sums[u * K + v] += Load<L>(from + u * taps.row + v * taps.column) * factor;
      }
    }
    for (int tap = 0; tap < K * K; ++tap) Store<L>(to + tap * channels + c, sums[tap]);
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_IMAGE_LOOPS_H_
