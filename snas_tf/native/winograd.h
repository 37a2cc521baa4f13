// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of 3 x 3 pixels at stride 1 by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and
// Gray, arXiv 1509.09308): 16 products where four outputs take 36.
//
//   outputs = A^T [(G kernel G^T) . (B^T pixels B)] A, of tiles of 4 x 4 pixels and 2 x 2 outputs
//
// summed over channels between the brackets: 16 products of matrices (tiles, channels). The gradients
// are those of the formula: what arrives is taken to the brackets once, where it meets the pixels for
// the kernel's, and the kernels, summed over the edges, for the pixels'.

#ifndef SNAS_TF_NATIVE_WINOGRAD_H_
#define SNAS_TF_NATIVE_WINOGRAD_H_

#include <algorithm>
#include <vector>

#include "image_loops.h"
#include "lanes.h"
#include "matrix_products.h"

namespace snas_tf {

constexpr int kProducts = 16;  // 4 x 4, of a tile
constexpr int kTiles = 32;     // about so many at a time stay in the cache

// Whether an image can be cut into tiles.
inline bool HasTiles(const Geometry& geometry) {
  return geometry.size == 3 && geometry.height % 2 == 0 && geometry.width % 2 == 0 &&
         geometry.height > 0 && geometry.width > 0;
}

// Some rows of tiles of an image.
struct Strip {
  Strip(const Geometry& geometry, int first)
      : first(first),
        wide(geometry.width / 2),
        rows(std::min(Rows(geometry), geometry.height / 2 - first)) {}

  static int Rows(const Geometry& geometry) {
    return std::min(std::max(kTiles / (geometry.width / 2), 1), geometry.height / 2);
  }
  static size_t Size(const Geometry& geometry) {
    const Strip strip(geometry, 0);  // the largest
    return kProducts * strip.Step(geometry.channels);
  }

  int tiles() const { return rows * wide; }
  // Floats from one product to the next, of which sixteen are written in turn: a line more than they
  // hold, or all would fall into the same few places of the cache.
  size_t Step(int channels) const { return size_t(tiles()) * channels + 16; }

  int first, wide, rows;
};

template <typename Call>
void ForStrips(const Geometry& geometry, Call call) {
  for (int first = 0; first < geometry.height / 2; first += Strip::Rows(geometry))
    call(Strip(geometry, first));
}

// B^T pixels B of one channel vector; `row` and `column` are the distances in `from`, and the 16
// results lie `step` apart.
template <int L>
inline void ToProducts(const float* from, size_t row, size_t column, float* to, size_t step) {
  Lanes<L> half[4][4];
  for (int j = 0; j < 4; ++j) {
    const float* pixel = from + j * column;
    const Lanes<L> d0 = Load<L>(pixel), d1 = Load<L>(pixel + row), d2 = Load<L>(pixel + 2 * row),
                   d3 = Load<L>(pixel + 3 * row);
    half[0][j] = d0 - d2, half[1][j] = d1 + d2, half[2][j] = d2 - d1, half[3][j] = d1 - d3;
  }
  for (int i = 0; i < 4; ++i, to += 4 * step) {
    const Lanes<L>* h = half[i];
    Store<L>(to, h[0] - h[2]);
    Store<L>(to + step, h[1] + h[2]);
    Store<L>(to + 2 * step, h[2] - h[1]);
    Store<L>(to + 3 * step, h[1] - h[3]);
  }
}

// Its gradient, B values B^T, added to the pixels.
template <int L>
inline void AddFromProducts(const float* from, size_t step, float* to, size_t row, size_t column) {
  Lanes<L> half[4][4];
  for (int j = 0; j < 4; ++j) {
    const float* value = from + j * step;
    const Lanes<L> v0 = Load<L>(value), v1 = Load<L>(value + 4 * step),
                   v2 = Load<L>(value + 8 * step), v3 = Load<L>(value + 12 * step);
    half[0][j] = v0, half[1][j] = v1 - v2 + v3, half[2][j] = v1 + v2 - v0, half[3][j] = -v3;
  }
  for (int i = 0; i < 4; ++i) {
    const Lanes<L>* h = half[i];
    const Lanes<L> sums[] = {h[0], h[1] - h[2] + h[3], h[1] + h[2] - h[0], -h[3]};
    for (int j = 0; j < 4; ++j) {
      float* pixel = to + i * row + j * column;
      Store<L>(pixel, Load<L>(pixel) + sums[j]);
    }
  }
}

// A^T sums A: the 2 x 2 outputs of a tile.
template <int L>
inline void ToOutputs(const float* from, size_t step, float* to, size_t row, size_t column) {
  Lanes<L> half[2][4];
  for (int j = 0; j < 4; ++j) {
    const float* sum = from + j * step;
    const Lanes<L> m1 = Load<L>(sum + 4 * step), m2 = Load<L>(sum + 8 * step);
    half[0][j] = Load<L>(sum) + m1 + m2;
    half[1][j] = m1 - m2 - Load<L>(sum + 12 * step);
  }
  for (int i = 0; i < 2; ++i) {
    const Lanes<L>* h = half[i];
    Store<L>(to + i * row, h[0] + h[1] + h[2]);
    Store<L>(to + i * row + column, h[1] - h[2] - h[3]);
  }
}

// Its gradient, A outputs A^T.
template <int L>
inline void FromOutputs(const Lanes<L> (&of)[2][2], float* to, size_t step) {
  Lanes<L> half[4][2];
  for (int j = 0; j < 2; ++j) {
    const Lanes<L> y0 = of[0][j], y1 = of[1][j];
    half[0][j] = y0, half[1][j] = y0 + y1, half[2][j] = y0 - y1, half[3][j] = -y1;
  }
  for (int i = 0; i < 4; ++i, to += 4 * step) {
    const Lanes<L> y0 = half[i][0], y1 = half[i][1];
    Store<L>(to, y0);
    Store<L>(to + step, y0 + y1);
    Store<L>(to + 2 * step, y0 - y1);
    Store<L>(to + 3 * step, -y1);
  }
}

// G kernel G^T of a kernel (3, 3, inputs, outputs): (16, inputs, outputs), or with inputs and outputs
// exchanged.
inline void TransformKernel(const float* kernel, int channels, bool exchanged, float* to) {
  const size_t size = size_t(channels) * channels;
  const auto third = [](float a, float b, float c, float (&of)[4]) {
    of[0] = a, of[1] = 0.5f * (a + b + c), of[2] = 0.5f * (a - b + c), of[3] = c;
  };
  for (int k = 0; k < channels; ++k)
    for (int f = 0; f < channels; ++f) {
      const float* w = kernel + size_t(k) * channels + f;
      float rows[3][4], column[4];
      for (int u = 0; u < 3; ++u)
        third(w[3 * u * size], w[(3 * u + 1) * size], w[(3 * u + 2) * size], rows[u]);
      float* there = to + (exchanged ? size_t(f) * channels + k : size_t(k) * channels + f);
      for (int j = 0; j < 4; ++j) {
        third(rows[0][j], rows[1][j], rows[2][j], column);
        for (int i = 0; i < 4; ++i) there[(4 * i + j) * size] = column[i];
      }
    }
}

// Its gradient, added to that of the kernel.
inline void AddKernelGradient(const float* from, int channels, float* kernel) {
  const size_t size = size_t(channels) * channels;
  const auto whole = [](const float (&u)[4], float (&of)[3]) {
    const float sum = 0.5f * (u[1] + u[2]);
    of[0] = u[0] + sum, of[1] = 0.5f * (u[1] - u[2]), of[2] = sum + u[3];
  };
  for (size_t n = 0; n < size; ++n) {
    float rows[4][3], of_row[3];
    for (int i = 0; i < 4; ++i) {
      float row[4];
      for (int j = 0; j < 4; ++j) row[j] = from[(4 * i + j) * size + n];
      whole(row, rows[i]);
    }
    for (int v = 0; v < 3; ++v) {
      whole({rows[0][v], rows[1][v], rows[2][v], rows[3][v]}, of_row);
      for (int u = 0; u < 3; ++u) kernel[(3 * u + v) * size + n] += of_row[u];
    }
  }
}

// Calls `call(offset of the tile and channel in a product, pixel, channel)` of a strip, where
// `pixel` is its first output's row and column.
template <int L, typename Call>
void ForTiles(const Strip& strip, int channels, Call call) {
  for (int r = 0; r < strip.rows; ++r)
    for (int x = 0; x < strip.wide; ++x)
      for (int c = 0; c < channels; c += L)
        call(size_t(r * strip.wide + x) * channels + c, 2 * (strip.first + r), 2 * x, c);
}

// The pixels of a strip, of an image within its borders.
template <int L>
void StripToProducts(const Geometry& geometry, const Strip& strip, const float* padded,
                     float* to) {
  const size_t step = strip.Step(geometry.channels), row = geometry.padded_row();
  ForTiles<L>(strip, geometry.channels, [&](size_t offset, int y, int x, int c) {
    ToProducts<L>(padded + y * row + size_t(x) * geometry.channels + c, row, geometry.channels,
                  to + offset, step);
  });
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_WINOGRAD_H_
