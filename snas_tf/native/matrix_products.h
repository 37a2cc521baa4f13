// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Products of matrices of many pixels and few channels, whose sums stay in registers.

#ifndef SNAS_TF_NATIVE_MATRIX_PRODUCTS_H_
#define SNAS_TF_NATIVE_MATRIX_PRODUCTS_H_

#include <algorithm>
#include <type_traits>

#include "lanes.h"

namespace snas_tf {

// Calls `call(first, how many)` for rows of which so many are taken together with N vectors of columns.
// Sixteen registers hold the sums of five or six rows and two vectors, which is the quickest: enough
// that an addition need not wait for the one before. What does not divide is taken one by one.
template <int N, typename Call>
inline void InBlocks(int count, Call call) {
  constexpr int kMost = N == 1 ? 8 : 6;
  const int larger = std::min(count % (kMost - 1), count / kMost) * kMost;
  int i = 0;
  for (; i < larger; i += kMost) call(i, std::integral_constant<int, kMost>());
  for (; i + kMost - 1 <= count; i += kMost - 1) call(i, std::integral_constant<int, kMost - 1>());
  for (; i < count; ++i) call(i, std::integral_constant<int, 1>());
}

// M rows and N vectors of columns; `b` and `to` have rows of `outputs`.
template <int L, int M, int N>
inline void MultiplyBlock(const float* a, const float* b, int inputs, int outputs, bool adds,
                          float* to) {
  Lanes<L> sums[M][N] = {};
  for (int k = 0; k < inputs; ++k) {
    Lanes<L> row[N];
    for (int n = 0; n < N; ++n) row[n] = Load<L>(b + size_t(k) * outputs + n * L);
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) sums[m][n] += a[m * inputs + k] * row[n];
  }
  for (int m = 0; m < M; ++m)
    for (int n = 0; n < N; ++n) {
      float* place = to + m * outputs + n * L;
      Store<L>(place, adds ? Load<L>(place) + sums[m][n] : sums[m][n]);
    }
}

template <int L, int N>
inline void MultiplyColumns(int pixels, const float* a, const float* b, int inputs, int outputs,
                            bool adds, float* to, const float* ahead) {
  InBlocks<N>(pixels, [&](int p, auto rows) {
    constexpr int M = rows();
    if (ahead != nullptr)
      for (int m = 0; m < M; ++m)
        for (int n = 0; n < N; ++n) Prefetch(ahead + (p + m) * inputs + n * L);
    MultiplyBlock<L, M, N>(a + p * inputs, b, inputs, outputs, adds, to + p * outputs);
  });
}

// to (pixels, outputs) = a (pixels, inputs) b (inputs, outputs), or is added to. `ahead`, where it is
// given, are as many floats as `a` has, which are needed soon; then there are as many outputs as
// inputs.
template <int L>
void Multiply(int pixels, const float* a, const float* b, int inputs, int outputs, bool adds,
              float* to, const float* ahead = nullptr) {
  const auto of = [&](int c) { return ahead == nullptr ? nullptr : ahead + c; };
  int c = 0;
  for (; c + 2 * L <= outputs; c += 2 * L)
    MultiplyColumns<L, 2>(pixels, a, b + c, inputs, outputs, adds, to + c, of(c));
  if (c < outputs) MultiplyColumns<L, 1>(pixels, a, b + c, inputs, outputs, adds, to + c, of(c));
}

template <int L, int M, int N>
inline void AddOuterBlock(int pixels, const float* a, const float* b, int inputs, int outputs,
                          float* to) {
  Lanes<L> sums[M][N];
  for (int m = 0; m < M; ++m)
    for (int n = 0; n < N; ++n) sums[m][n] = Load<L>(to + m * outputs + n * L);
  for (int p = 0; p < pixels; ++p, a += inputs, b += outputs) {
    Lanes<L> row[N];
    for (int n = 0; n < N; ++n) row[n] = Load<L>(b + n * L);
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) sums[m][n] += a[m] * row[n];
  }
  for (int m = 0; m < M; ++m)
    for (int n = 0; n < N; ++n) Store<L>(to + m * outputs + n * L, sums[m][n]);
}

template <int L, int N>
inline void AddOuterColumns(int pixels, const float* a, const float* b, int inputs, int outputs,
                            float* to) {
  InBlocks<N>(inputs, [&](int k, auto rows) {
    AddOuterBlock<L, rows(), N>(pixels, a + k, b, inputs, outputs, to + size_t(k) * outputs);
  });
}

// to (inputs, outputs) += transpose of a (pixels, inputs) times b (pixels, outputs).
template <int L>
void AddOuter(int pixels, const float* a, const float* b, int inputs, int outputs, float* to) {
  int c = 0;
  for (; c + 2 * L <= outputs; c += 2 * L)
    AddOuterColumns<L, 2>(pixels, a, b + c, inputs, outputs, to + c);
  if (c < outputs) AddOuterColumns<L, 1>(pixels, a, b + c, inputs, outputs, to + c);
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_MATRIX_PRODUCTS_H_
