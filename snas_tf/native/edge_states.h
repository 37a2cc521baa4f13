// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// New states of the edges of a graph, of the old ones and of the edges' ends, and their gradient. Of
//
//   r = LeakyReLU(S(u) + T(v)),  p = r P + b,  q = e Q
//
// for an edge from u to v of state e, whose p and q are one, two or three vectors beside each other,
//
//   kCat:   LeakyReLU(p + q)
//   kFilm:  sigmoid(p1) e + p2, without q
//   kGru:   h + z (e - h),  z = sigmoid(p1 + q1),  h = tanh(p3 + sigmoid(p2 + q2) (q3 + c))
//
// The edges, which lie in the order of their targets, are taken a block at a time, and the gradient
// computes all but the old states again. The width is a multiple of L.

#ifndef SNAS_TF_NATIVE_EDGE_STATES_H_
#define SNAS_TF_NATIVE_EDGE_STATES_H_

#include <algorithm>
#include <cstdint>

#include "exponential.h"
#include "graph_parts.h"
#include "lanes.h"
#include "matrix_products.h"

namespace snas_tf {

enum EdgeKind { kCat = 0, kFilm = 1, kGru = 2 };

constexpr int VectorsOf(EdgeKind kind) { return kind == kCat ? 1 : kind == kFilm ? 2 : 3; }

// What the states are made of.
struct EdgeStates {
  EdgeList list;
  int width;
  float slope;              // of the leaky ReLU below zero
  const float* at_source;   // S (entities, width)
  const float* at_target;   // T, likewise
  const float* states;      // e (edges, width)
  const float* pair;        // P (width, vectors * width)
  const float* pair_bias;   // b (vectors * width)
  const float* state;       // Q, like P
  const float* candidate;   // c (width)

  size_t weights(int vectors) const {
    return (2 * size_t(width) + 1) * vectors * width + width;
  }
};

// r, and p and q with what is made of them, of some edges.
template <int L, EdgeKind kKind>
class EdgeBlock {
 public:
  static constexpr int kVectors = VectorsOf(kKind);

  explicit EdgeBlock(const EdgeStates& edges)
      : edges_(edges),
        ends_(size_t(kEdgesTogether) * edges.width),
        of_pair_(size_t(kEdgesTogether) * kVectors * edges.width),
        of_state_(size_t(kEdgesTogether) * kVectors * edges.width) {}

  void Compute(int64_t first, int count) {
    const int width = edges_.width, all = kVectors * width;
    for (int i = 0; i < count; ++i) {
      const float* source = edges_.at_source + edges_.list.sources[first + i] * size_t(width);
      const float* target = edges_.at_target + edges_.list.targets[first + i] * size_t(width);
      for (int c = 0; c < width; c += L) {
        const Lanes<L> sum = Load<L>(source + c) + Load<L>(target + c);
        Store<L>(ends_.get() + i * width + c, sum > Lanes<L>{} ? sum : edges_.slope * sum);
      }
    }
    Multiply<L>(count, ends_.get(), edges_.pair, width, all, /*adds=*/false, of_pair_.get());
    if (kKind != kFilm)
      Multiply<L>(count, edges_.states + first * width, edges_.state, width, all, /*adds=*/false,
                  of_state_.get());
  }

  // The parts of a new state's formula from channel `c` on.
  struct Parts {
    Lanes<L> first, second, third, recurrent;
  };
  Parts PartsOf(int i, int c) const {
    const int width = edges_.width;
    const auto pair = [&](int n) {
      const int at = n * width + c;
      return Load<L>(of_pair_.get() + size_t(i) * kVectors * width + at) +
             Load<L>(edges_.pair_bias + at);
    };
    const auto state = [&](int n) {
      return Load<L>(of_state_.get() + (size_t(i) * kVectors + n) * width + c);
    };
    Parts parts{};
    if constexpr (kKind == kCat) {
      parts.first = pair(0) + state(0);
    } else if constexpr (kKind == kFilm) {
      parts.first = Sigmoid<L>(pair(0));
      parts.second = pair(1);
    } else {
      parts.first = Sigmoid<L>(pair(0) + state(0));
      parts.second = Sigmoid<L>(pair(1) + state(1));
      parts.recurrent = state(2) + Load<L>(edges_.candidate + c);
      parts.third = Tanh<L>(pair(2) + parts.second * parts.recurrent);
    }
    return parts;
  }
  const float* ends() const { return ends_.get(); }

 private:
  const EdgeStates& edges_;
  Buffer ends_, of_pair_, of_state_;
};

// The states of the edges that lead to the entities from `begin` to `end`.
template <int L, EdgeKind kKind>
void MakeEdgeStates(const EdgeStates& edges, int64_t begin, int64_t end, float* to) {
  const int width = edges.width;
  EdgeBlock<L, kKind> block(edges);
  edges.list.ForBlocks(begin, end, [&](int64_t first, int count) {
    block.Compute(first, count);
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < width; c += L) {
        const auto parts = block.PartsOf(i, c);
        const Lanes<L> old = Load<L>(edges.states + (first + i) * width + c);
        Lanes<L> made;
        if constexpr (kKind == kCat)
          made = parts.first > Lanes<L>{} ? parts.first : edges.slope * parts.first;
        else if constexpr (kKind == kFilm)
          made = parts.first * old + parts.second;
        else
          made = parts.third + parts.first * (old - parts.third);
        Store<L>(to + (first + i) * width + c, made);
      }
  });
}

// The gradients of a part, to which they are added; those of the states are written.
struct EdgeStateGradients {
  float* of_source;   // (entities, width)
  float* of_target;   // likewise; no two parts have the same target
  float* of_states;   // (edges, width)
  float* of_weights;  // of P, b, Q and c, one after the other
};

template <int L, EdgeKind kKind>
void EdgeStatesGradient(const EdgeStates& edges, int64_t begin, int64_t end, const float* upstream,
                        const EdgeStateGradients& gradients) {
  constexpr int kVectors = VectorsOf(kKind);
  const int width = edges.width, all = kVectors * width;
  const Buffer turned_pair = Transposed(edges.pair, width, all);
  const Buffer turned_state = Transposed(edges.state, kKind == kFilm ? 0 : width, all);
  const Buffer of_pair(size_t(kEdgesTogether) * all), of_state(size_t(kEdgesTogether) * all);
  const Buffer of_ends(size_t(kEdgesTogether) * width);
  SumsByBlocks sums(edges.weights(kVectors), gradients.of_weights);
  float* of_kernel = sums.get();
  float* of_bias = of_kernel + size_t(width) * all;
  float* of_state_kernel = of_bias + all;
  float* of_candidate = of_state_kernel + size_t(width) * all;
  const Lanes<L> zero{};
  EdgeBlock<L, kKind> block(edges);
  edges.list.ForBlocks(begin, end, [&](int64_t first, int count) {
    block.Compute(first, count);
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < width; c += L) {
        const size_t at = (first + i) * width + c;
        const auto parts = block.PartsOf(i, c);
        const Lanes<L> up = Load<L>(upstream + at), old = Load<L>(edges.states + at);
        float* pair = of_pair.get() + size_t(i) * all + c;
        float* state = of_state.get() + size_t(i) * all + c;
        const auto gate = [](Lanes<L> open, Lanes<L> arriving) {
          return arriving * open * (1.0f - open);
        };
        if constexpr (kKind == kCat) {
          const Lanes<L> of_sum = parts.first > zero ? up : edges.slope * up;
          Store<L>(pair, of_sum);
          Store<L>(state, of_sum);
          Store<L>(gradients.of_states + at, zero);
        } else if constexpr (kKind == kFilm) {
          Store<L>(pair, gate(parts.first, up * old));
          Store<L>(pair + width, up);
          Store<L>(gradients.of_states + at, up * parts.first);
        } else {
          const Lanes<L> z = parts.first, reset = parts.second, h = parts.third;
          const Lanes<L> of_update = gate(z, up * (old - h));
          const Lanes<L> of_h = up * (1.0f - z) * (1.0f - h * h);
          const Lanes<L> of_reset = gate(reset, of_h * parts.recurrent);
          const Lanes<L> of_recurrent = of_h * reset;
          Store<L>(pair, of_update);
          Store<L>(pair + width, of_reset);
          Store<L>(pair + 2 * width, of_h);
          Store<L>(state, of_update);
          Store<L>(state + width, of_reset);
          Store<L>(state + 2 * width, of_recurrent);
          Store<L>(of_candidate + c, Load<L>(of_candidate + c) + of_recurrent);
          Store<L>(gradients.of_states + at, up * z);
        }
      }
    AddOuter<L>(count, block.ends(), of_pair.get(), width, all, of_kernel);
    AddRows<L>(of_pair.get(), count, all, of_bias);
    if (kKind != kFilm) {
      AddOuter<L>(count, edges.states + first * width, of_state.get(), width, all, of_state_kernel);
      Multiply<L>(count, of_state.get(), turned_state.get(), all, width, /*adds=*/true,
                  gradients.of_states + first * width);
    }
    Multiply<L>(count, of_pair.get(), turned_pair.get(), all, width, /*adds=*/false, of_ends.get());
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < width; c += L) {
        const Lanes<L> up = Load<L>(of_ends.get() + i * width + c);
        const Lanes<L> end = Load<L>(block.ends() + i * width + c);
        const Lanes<L> arriving = end > zero ? up : edges.slope * up;
        for (float* to : {gradients.of_source + edges.list.sources[first + i] * size_t(width) + c,
                          gradients.of_target + edges.list.targets[first + i] * size_t(width) + c})
          Store<L>(to, Load<L>(to) + arriving);
      }
    sums.BlockDone();
  });
  sums.AddUp();
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_EDGE_STATES_H_
