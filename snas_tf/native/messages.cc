// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasMessages and SnasMessagesGradient; what they compute is in messages.h.

#include "messages.h"

#include <utility>

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) {
    construction.Read("slope", &slope);
    construction.Read("greatest", &greatest);
    construction.Read("threads", &threads);
  }
  float slope = 0;
  int greatest = 0;  // 1 for maxima, 0 for sums
  int threads = 1;   // the result does not depend on it
};

Messages TakeMessages(const Attributes& attributes, Run& run) {
  Messages messages{};
  messages.slope = attributes.slope;
  messages.states = run.Input({-1, -1});
  if (!run.ok()) return messages;
  const int64_t width = run.LastShape()[1];
  const int64_t entities = run.LastShape()[0];
  messages.edge_states = run.Input({-1, -1});
  if (!run.ok()) return messages;
  const int64_t edge_width = run.LastShape()[1];
  const int64_t edges = run.LastShape()[0];
  messages.width = static_cast<int>(width);
  messages.edge_width = static_cast<int>(edge_width);
  messages.edge = run.Input({edge_width, width});
  messages.edge_bias = run.Input({1, width});
  messages.gate = run.Input({width, 2 * width});
  messages.gate_bias = run.Input({1, 2 * width});
  messages.list = TakeEdges(entities, edges, run);
  CheckChannels(width, run);
  CheckChannels(edge_width, run);
  return messages;
}

// Calls `call(lanes, whether maxima)` with constants.
template <typename Call>
void WithKind(const Attributes& attributes, const Messages& messages, Call call) {
  WithLanes(messages.width | messages.edge_width, [&](auto lanes) {
    if (attributes.greatest)
      call(lanes, std::true_type());
    else
      call(lanes, std::false_type());
  });
}

void ComputeForward(const Attributes& attributes, Run& run) {
  const Messages messages = TakeMessages(attributes, run);
  float* sums = run.Output({messages.list.entities, messages.width});
  float* ties = run.Output({attributes.greatest ? messages.list.entities : 0, messages.width});
  if (!run.ok()) return;
  WithKind(attributes, messages, [&](auto lanes, auto greatest) {
    ParallelFor(kGraphParts, attributes.threads, [&](int p) {
      SumMessages<lanes(), greatest()>(messages, messages.list.Begin(p), messages.list.Begin(p + 1), sums,
                                       ties);
    });
  });
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const Messages messages = TakeMessages(attributes, run);
  const int64_t entities = messages.list.entities, width = messages.width;
  const int64_t edge_width = messages.edge_width;
  const float* upstream = run.Input({entities, width});
  const float* sums = run.Input({entities, width});
  const float* ties = run.Input({attributes.greatest ? entities : 0, width});
  float* of_states = run.Output({entities, width});
  float* of_edge_states = run.Output({messages.list.edges, edge_width});
  float* of_edge = run.Output({edge_width, width});
  float* of_edge_bias = run.Output({1, width});
  float* of_gate = run.Output({width, 2 * width});
  float* of_gate_bias = run.Output({1, 2 * width});
  if (!run.ok()) return;
  const size_t size = size_t(entities) * width, weights = messages.weights();
  const Buffer of_parts(kGraphParts * size), weights_of_parts(kGraphParts * weights);
  WithKind(attributes, messages, [&](auto lanes, auto greatest) {
    ParallelFor(kGraphParts, attributes.threads, [&](int p) {
      const MessageGradients gradients{of_parts.get() + p * size, of_edge_states,
                                       weights_of_parts.get() + p * weights};
      MessagesGradient<lanes(), greatest()>(messages, messages.list.Begin(p), messages.list.Begin(p + 1),
                                            upstream, sums, ties, gradients);
    });
  });
  SumParts(of_parts.get(), size, size, of_states);
  const float* from = weights_of_parts.get();
  for (const auto& [to, count] : {std::pair(of_edge, edge_width * width),
                                  std::pair(of_edge_bias, width),
                                  std::pair(of_gate, 2 * width * width),
                                  std::pair(of_gate_bias, 2 * width)}) {
    SumParts(from, weights, count, to);
    from += count;
  }
}

const Texts kAttributes = {"slope: float", "greatest: int >= 0", "threads: int >= 1"};

const bool registered =
    Register<Attributes, ComputeForward>(
        "SnasMessages",
        {"states: float", "edge_states: float", "edge: float", "edge_bias: float", "gate: float",
         "gate_bias: float", "sources: int32", "targets: int32"},
        {"sums: float", "ties: float"}, kAttributes) &&
    Register<Attributes, ComputeGradient>(
        "SnasMessagesGradient",
        {"states: float", "edge_states: float", "edge: float", "edge_bias: float", "gate: float",
         "gate_bias: float", "sources: int32", "targets: int32", "upstream: float", "sums: float",
         "ties: float"},
        {"of_states: float", "of_edge_states: float", "of_edge: float", "of_edge_bias: float",
         "of_gate: float", "of_gate_bias: float"},
        kAttributes);

}  // namespace
}  // namespace snas_tf
