// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// The edges of a graph in parts and blocks, and sums over them.

#ifndef SNAS_TF_NATIVE_GRAPH_PARTS_H_
#define SNAS_TF_NATIVE_GRAPH_PARTS_H_

#include <algorithm>
#include <cstdint>

#include "kernel.h"
#include "lanes.h"

namespace snas_tf {

constexpr int kEdgesTogether = 32;
constexpr int kBlocksOfSum = 32;

// The entities in parts, side by side on several cores; what is computed depends on how many parts
// there are, not on how many cores.
constexpr int kGraphParts = 4;

struct EdgeList {
  int64_t entities, edges;
  const int32_t* sources;
  const int32_t* targets;  // ascending

  // The first edge that leads to an entity or to one beyond it.
  int64_t FirstTo(int64_t entity) const {
    return std::lower_bound(targets, targets + edges, entity) - targets;
  }
  int64_t Begin(int part) const { return entities * part / kGraphParts; }

  // Calls `call(first edge, how many)` for the edges to the entities from `begin` to `end`.
  template <typename Call>
  void ForBlocks(int64_t begin, int64_t end, Call call) const {
    const int64_t last = FirstTo(end);
    for (int64_t first = FirstTo(begin); first < last; first += kEdgesTogether)
      call(first, static_cast<int>(std::min<int64_t>(kEdgesTogether, last - first)));
  }
};

// Reads the ends of edges, which are inputs, and refuses those that are none.
inline EdgeList TakeEdges(int64_t entities, int64_t edges, Run& run) {
  EdgeList list{entities, edges, run.Input<int32_t>({edges}), run.Input<int32_t>({edges})};
  int32_t before = 0;
  for (int64_t e = 0; run.ok() && e < edges; ++e) {
    const int32_t source = list.sources[e], target = list.targets[e];
    if (source < 0 || source >= entities || target >= entities)
      run.Refuse("an edge leads from or to no entity");
    if (target < before) run.Refuse("the targets must ascend from 0 on");
    before = target;
  }
  return list;
}

// Sums that are taken of some blocks first: a sum of all would lose the last ones' digits.
class SumsByBlocks {
 public:
  SumsByBlocks(size_t size, float* totals) : size_(size), totals_(totals), some_(size) {}

  float* get() const { return some_.get(); }
  void BlockDone() {
    if (++blocks_ % kBlocksOfSum == 0) AddUp();
  }
  void AddUp() {
    for (size_t i = 0; i < size_; ++i) totals_[i] += some_.get()[i];
    std::fill_n(some_.get(), size_, 0.0f);
  }

 private:
  size_t size_;
  float* totals_;
  Buffer some_;
  int blocks_ = 0;
};

// The sums of rows, added to `to`.
template <int L>
void AddRows(const float* rows, int count, int width, float* to) {
  for (int c = 0; c < width; c += L) {
    Lanes<L> sum = Load<L>(to + c);
    for (int i = 0; i < count; ++i) sum += Load<L>(rows + size_t(i) * width + c);
    Store<L>(to + c, sum);
  }
}

// The transpose of a matrix.
inline Buffer Transposed(const float* matrix, int rows, int columns) {
  Buffer transposed(size_t(rows) * columns);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c)
      transposed.get()[size_t(c) * rows + r] = matrix[size_t(r) * columns + c];
  return transposed;
}

// to = the sum of what the parts have, each `apart` floats after the one before.
inline void SumParts(const float* parts, size_t apart, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    float total = 0;
    for (int p = 0; p < kGraphParts; ++p) total += parts[p * apart + i];
    to[i] = total;
  }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_GRAPH_PARTS_H_
