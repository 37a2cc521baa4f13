// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// What is carried along the edges of a graph and made one for every entity, and its gradient:
//
//   sum or maximum over the edges e to v of sigmoid(B h) * P(u) + C h,  h = LeakyReLU(A e)
//
// where u is the edge's source. The edges, which lie in the order of their targets, are taken a block
// at a time, so that nothing but the sums of the entities, which are fewer, is written; the gradient
// computes all else again. Widths are multiples of L.

#ifndef SNAS_TF_NATIVE_MESSAGES_H_
#define SNAS_TF_NATIVE_MESSAGES_H_

#include <algorithm>
#include <cstdint>

#include "exponential.h"
#include "graph_parts.h"
#include "lanes.h"
#include "matrix_products.h"

namespace snas_tf {

// What the messages are made of. Biases are rows.
struct Messages {
  EdgeList list;
  int width, edge_width;
  float slope;            // of the leaky ReLU below zero
  const float* states;    // P (entities, width)
  const float* edge_states;  // e (edges, edge width)
  const float* edge;      // A (edge width, width)
  const float* edge_bias;
  const float* gate;  // B and C side by side (width, 2 * width)
  const float* gate_bias;

  size_t weights() const {
    return size_t(edge_width) * width + width + 2 * size_t(width) * width + 2 * width;
  }
};

// The hidden layer, the gate and the shift of some edges.
template <int L>
class MessageBlock {
 public:
  explicit MessageBlock(const Messages& messages)
      : messages_(messages),
        hidden_(size_t(kEdgesTogether) * messages.width),
        gates_(size_t(kEdgesTogether) * 2 * messages.width) {}

  void Compute(int64_t first, int count) {
    const int width = messages_.width;
    Multiply<L>(count, messages_.edge_states + first * messages_.edge_width, messages_.edge,
                messages_.edge_width, width, /*adds=*/false, hidden_.get());
    for (int i = 0; i < count * width; i += width)
      for (int c = 0; c < width; c += L) {
        const Lanes<L> sum = Load<L>(hidden_.get() + i + c) + Load<L>(messages_.edge_bias + c);
        Store<L>(hidden_.get() + i + c, sum > Lanes<L>{} ? sum : messages_.slope * sum);
      }
    Multiply<L>(count, hidden_.get(), messages_.gate, width, 2 * width, /*adds=*/false,
                gates_.get());
    for (int i = 0; i < count; ++i) {
      float* gate = gates_.get() + size_t(2) * i * width;
      for (int c = 0; c < width; c += L) {
        Store<L>(gate + c, Sigmoid<L>(Load<L>(gate + c) + Load<L>(messages_.gate_bias + c)));
        float* shift = gate + width + c;
        Store<L>(shift, Load<L>(shift) + Load<L>(messages_.gate_bias + width + c));
      }
    }
  }

  // Channels from `c` on of the message along the edge of that number in the block.
  Lanes<L> Message(int i, int64_t source, int c) const {
    const float* gate = Gate(i) + c;
    return Load<L>(gate) * Load<L>(messages_.states + source * messages_.width + c) +
           Load<L>(gate + messages_.width);
  }
  const float* Gate(int i) const { return gates_.get() + size_t(2) * i * messages_.width; }
  const float* hidden() const { return hidden_.get(); }

 private:
  const Messages& messages_;
  Buffer hidden_, gates_;
};

// Those to the entities from `begin` to `end`: their sums; or their maxima, and in `ties` of how many
// edges each is the message. Zero for an entity to which no edge leads.
template <int L, bool kGreatest>
void SumMessages(const Messages& messages, int64_t begin, int64_t end, float* sums, float* ties) {
  const int width = messages.width;
  std::fill(sums + begin * width, sums + end * width, 0.0f);
  if (kGreatest) std::fill(ties + begin * width, ties + end * width, 0.0f);
  MessageBlock<L> block(messages);
  int64_t before = -1;
  messages.list.ForBlocks(begin, end, [&](int64_t first, int count) {
    block.Compute(first, count);
    for (int i = 0; i < count; ++i) {
      const int64_t target = messages.list.targets[first + i];
      for (int c = 0; c < width; c += L) {
        const Lanes<L> message = block.Message(i, messages.list.sources[first + i], c);
        float* sum = sums + target * width + c;
        if constexpr (kGreatest) {
          const Lanes<L> old = Load<L>(sum), zero{}, one = zero + 1.0f;
          const bool is_first = target != before;
          const Lanes<L> alike = is_first ? zero : Load<L>(ties + target * width + c);
          const auto greater = is_first ? zero == zero : message > old;
          Store<L>(sum, greater ? message : old);
          Store<L>(ties + target * width + c,
                   greater ? one : (message == old ? alike + one : alike));
        } else {
          Store<L>(sum, Load<L>(sum) + message);
        }
      }
      before = target;
    }
  });
}

// The gradients of a part, to which they are added; those of the edge states are written.
struct MessageGradients {
  float* of_states;       // (entities, width)
  float* of_edge_states;  // (edges, edge width)
  float* of_weights;      // of A, its bias, B and C, and theirs, one after the other
};

// Of the edges to the entities from `begin` to `end`. `sums` and `ties` are those of the maxima.
template <int L, bool kGreatest>
void MessagesGradient(const Messages& messages, int64_t begin, int64_t end, const float* upstream,
                      const float* sums, const float* ties, const MessageGradients& gradients) {
  const int width = messages.width, edge_width = messages.edge_width;
  const Buffer turned_gate = Transposed(messages.gate, width, 2 * width);
  const Buffer turned_edge = Transposed(messages.edge, edge_width, width);
  const Buffer of_gates(size_t(kEdgesTogether) * 2 * width);
  const Buffer of_hidden(size_t(kEdgesTogether) * width);
  SumsByBlocks of_weights(messages.weights(), gradients.of_weights);
  float* of_edge = of_weights.get();
  float* of_edge_bias = of_edge + size_t(edge_width) * width;
  float* of_gate = of_edge_bias + width;
  float* of_gate_bias = of_gate + 2 * size_t(width) * width;
  const Lanes<L> zero{};
  MessageBlock<L> block(messages);
  messages.list.ForBlocks(begin, end, [&](int64_t first, int count) {
    block.Compute(first, count);
    for (int i = 0; i < count; ++i) {
      const int64_t source = messages.list.sources[first + i];
      const size_t target = messages.list.targets[first + i] * size_t(width);
      for (int c = 0; c < width; c += L) {
        Lanes<L> arriving = Load<L>(upstream + target + c);
        if constexpr (kGreatest) {
          const auto taken = block.Message(i, source, c) == Load<L>(sums + target + c);
          arriving = taken ? arriving / Load<L>(ties + target + c) : zero;
        }
        const Lanes<L> gate = Load<L>(block.Gate(i) + c);
        const Lanes<L> state = Load<L>(messages.states + source * width + c);
        float* of_state = gradients.of_states + source * width + c;
        Store<L>(of_state, Load<L>(of_state) + arriving * gate);
        float* to = of_gates.get() + size_t(2) * i * width + c;
        Store<L>(to, arriving * state * gate * (1.0f - gate));
        Store<L>(to + width, arriving);
      }
    }
    AddOuter<L>(count, block.hidden(), of_gates.get(), width, 2 * width, of_gate);
    AddRows<L>(of_gates.get(), count, 2 * width, of_gate_bias);
    Multiply<L>(count, of_gates.get(), turned_gate.get(), 2 * width, width, /*adds=*/false,
                of_hidden.get());
    for (int i = 0; i < count * width; i += L) {
      const Lanes<L> arriving = Load<L>(of_hidden.get() + i);
      Store<L>(of_hidden.get() + i,
               Load<L>(block.hidden() + i) > zero ? arriving : messages.slope * arriving);
    }
    AddOuter<L>(count, messages.edge_states + first * edge_width, of_hidden.get(), edge_width,
                width, of_edge);
    AddRows<L>(of_hidden.get(), count, width, of_edge_bias);
    Multiply<L>(count, of_hidden.get(), turned_edge.get(), width, edge_width, /*adds=*/false,
                gradients.of_edge_states + first * edge_width);
    of_weights.BlockDone();
  });
  of_weights.AddUp();
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_MESSAGES_H_
