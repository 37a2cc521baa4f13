// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// SnasEdgeStates and SnasEdgeStatesGradient; what they compute is in edge_states.h.

#include "edge_states.h"

#include "kernel.h"
#include "parallel.h"

namespace snas_tf {
namespace {

struct Attributes {
  explicit Attributes(Construction& construction) {
    construction.Read("slope", &slope);
    construction.Read("kind", &kind);
    construction.Read("threads", &threads);
  }
  float slope = 0;
  int kind = 0;     // an EdgeKind
  int threads = 1;  // the result does not depend on it
};

int Vectors(const Attributes& attributes) { return VectorsOf(EdgeKind(attributes.kind)); }

EdgeStates TakeEdgeStates(const Attributes& attributes, Run& run) {
  EdgeStates edges{};
  if (attributes.kind > kGru) run.Refuse("the kind must be 0, 1 or 2");
  edges.slope = attributes.slope;
  edges.at_source = run.Input({-1, -1});
  if (!run.ok()) return edges;
  const int64_t entities = run.LastShape()[0], width = run.LastShape()[1];
  const int64_t all = Vectors(attributes) * width;
  edges.width = static_cast<int>(width);
  edges.at_target = run.Input({entities, width});
  edges.states = run.Input({-1, width});
  if (!run.ok()) return edges;
  const int64_t count = run.LastShape()[0];
  edges.pair = run.Input({width, all});
  edges.pair_bias = run.Input({1, all});
  edges.state = run.Input({attributes.kind == kFilm ? 0 : width, all});
  edges.candidate = run.Input({attributes.kind == kGru ? 1 : 0, width});
  edges.list = TakeEdges(entities, count, run);
  CheckChannels(width, run);
  return edges;
}

// Calls `call(lanes, kind)` with constants.
template <typename Call>
void WithKind(const Attributes& attributes, const EdgeStates& edges, Call call) {
  WithLanes(edges.width, [&](auto lanes) {
    switch (attributes.kind) {
      case kCat: return call(lanes, std::integral_constant<EdgeKind, kCat>());
      case kFilm: return call(lanes, std::integral_constant<EdgeKind, kFilm>());
      default: return call(lanes, std::integral_constant<EdgeKind, kGru>());
    }
  });
}

void ComputeForward(const Attributes& attributes, Run& run) {
  const EdgeStates edges = TakeEdgeStates(attributes, run);
  float* made = run.Output({edges.list.edges, edges.width});
  if (!run.ok()) return;
  WithKind(attributes, edges, [&](auto lanes, auto kind) {
    ParallelFor(kGraphParts, attributes.threads, [&](int p) {
      MakeEdgeStates<lanes(), kind()>(edges, edges.list.Begin(p), edges.list.Begin(p + 1), made);
    });
  });
}

void ComputeGradient(const Attributes& attributes, Run& run) {
  const EdgeStates edges = TakeEdgeStates(attributes, run);
  const int64_t entities = edges.list.entities, width = edges.width;
  const int64_t all = Vectors(attributes) * width;
  const bool has_state = attributes.kind != kFilm, has_candidate = attributes.kind == kGru;
  const float* upstream = run.Input({edges.list.edges, width});
  float* of_source = run.Output({entities, width});
  float* of_target = run.Output({entities, width});
  float* of_states = run.Output({edges.list.edges, width});
  float* of_pair = run.Output({width, all});
  float* of_pair_bias = run.Output({1, all});
  float* of_state = run.Output({has_state ? width : 0, all});
  float* of_candidate = run.Output({has_candidate ? 1 : 0, width});
  if (!run.ok()) return;
  const size_t size = size_t(entities) * width, weights = edges.weights(Vectors(attributes));
  const Buffer of_parts(kGraphParts * size), weights_of_parts(kGraphParts * weights);
  std::fill_n(of_target, size, 0.0f);
  WithKind(attributes, edges, [&](auto lanes, auto kind) {
    ParallelFor(kGraphParts, attributes.threads, [&](int p) {
      const EdgeStateGradients gradients{of_parts.get() + p * size, of_target, of_states,
                                         weights_of_parts.get() + p * weights};
      EdgeStatesGradient<lanes(), kind()>(edges, edges.list.Begin(p), edges.list.Begin(p + 1),
                                          upstream, gradients);
    });
  });
  SumParts(of_parts.get(), size, size, of_source);
  const float* from = weights_of_parts.get();
  SumParts(from, weights, width * all, of_pair);
  from += width * all;
  SumParts(from, weights, all, of_pair_bias);
  from += all;
  SumParts(from, weights, has_state ? width * all : 0, of_state);
  from += width * all;
  SumParts(from, weights, has_candidate ? width : 0, of_candidate);
}

const Texts kAttributes = {"slope: float", "kind: int >= 0", "threads: int >= 1"};

const bool registered =
    Register<Attributes, ComputeForward>(
        "SnasEdgeStates",
        {"at_source: float", "at_target: float", "states: float", "pair: float",
         "pair_bias: float", "state: float", "candidate: float", "sources: int32",
         "targets: int32"},
        {"made: float"}, kAttributes) &&
    Register<Attributes, ComputeGradient>(
        "SnasEdgeStatesGradient",
        {"at_source: float", "at_target: float", "states: float", "pair: float",
         "pair_bias: float", "state: float", "candidate: float", "sources: int32",
         "targets: int32", "upstream: float"},
        {"of_source: float", "of_target: float", "of_states: float", "of_pair: float",
         "of_pair_bias: float", "of_state: float", "of_candidate: float"},
        kAttributes);

}  // namespace
}  // namespace snas_tf
