// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The exponential function of vectors, and what is made of it, to about two units in the last place.

#ifndef SNAS_TF_NATIVE_EXPONENTIAL_H_
#define SNAS_TF_NATIVE_EXPONENTIAL_H_

#include <cstdint>

#include "lanes.h"

namespace snas_tf {

template <int L>
struct WholeLanesOf;
template <>
struct WholeLanesOf<8> {
  typedef int32_t Type __attribute__((vector_size(32)));
};
template <>
struct WholeLanesOf<16> {
  typedef int32_t Type __attribute__((vector_size(64)));
};

// exp(x) = 2^n exp(r) with n whole and |r| at most half of ln 2, by the series of exp(r). A
// not-a-number stays one; what float32 cannot hold is as at the ends of its range.
template <int L>
inline Lanes<L> Exponential(Lanes<L> x) {
  using Whole = typename WholeLanesOf<L>::Type;
  const Lanes<L> none{};
  const Lanes<L> most = none + 88.0f, least = none - 87.0f;
  x = x > most ? most : x;
  x = x < least ? least : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: what is added to it loses its fraction
  const Lanes<L> n = (x * 1.44269504f + kRound) - kRound;
  const Lanes<L> r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Lanes<L> series = none + 1.0f / 5040;
  for (const float factor : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    series = series * r + factor;
  const Whole bits = (__builtin_convertvector(n, Whole) + 127) << 23;
  Lanes<L> power;
  __builtin_memcpy(&power, &bits, sizeof(power));
  return series * power;
}

template <int L>
inline Lanes<L> Sigmoid(Lanes<L> x) {
  return 1.0f / (1.0f + Exponential<L>(-x));
}

// Near zero the formula would lose its digits: there it is the beginning of the series.
template <int L>
inline Lanes<L> Tanh(Lanes<L> x) {
  const Lanes<L> square = x * x;
  const Lanes<L> rest = -1.0f / 3 + square * (2.0f / 15 - square * (17.0f / 315));
  const Lanes<L> near = x + x * square * rest;
  const Lanes<L> far = 1.0f - 2.0f / (1.0f + Exponential<L>(2.0f * x));
  return square < 0.04f ? near : far;
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_EXPONENTIAL_H_
