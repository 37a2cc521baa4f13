// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Vectors of L floats, as the compiler's own type: it takes the machine's widest instructions for
// them, whatever machine that is.

#ifndef SNAS_TF_NATIVE_LANES_H_
#define SNAS_TF_NATIVE_LANES_H_

#include <cstddef>
#include <memory>
#include <new>

namespace snas_tf {

template <int L>
struct LanesOf;
template <>
struct LanesOf<8> {
  typedef float Type __attribute__((vector_size(32)));
};
template <>
struct LanesOf<16> {
  typedef float Type __attribute__((vector_size(64)));
};

template <int L>
using Lanes = typename LanesOf<L>::Type;

template <int L>
inline Lanes<L> Load(const float* from) {
  Lanes<L> lanes;
  __builtin_memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

template <int L>
inline void Store(float* to, Lanes<L> lanes) {
  __builtin_memcpy(to, &lanes, sizeof(lanes));
}

// Asks for a line of memory that will be needed soon.
inline void Prefetch(const float* line) { __builtin_prefetch(line, 0, 2); }

// A not-a-number stays one, as in TensorFlow's ReLU: a search that went astray must show it.
template <int L>
inline Lanes<L> Relu(Lanes<L> lanes) {
  const Lanes<L> zero{};
  return lanes < zero ? zero : lanes;
}

// Floats that begin on a cache line: a vector that lies across two takes twice the time.
class Buffer {
 public:
  explicit Buffer(size_t size) : floats_(new (kLine) float[size]()) {}
  float* get() const { return floats_.get(); }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Delete {
    void operator()(float* floats) const { ::operator delete[](floats, kLine); }
  };
  std::unique_ptr<float[], Delete> floats_;
};

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_LANES_H_
