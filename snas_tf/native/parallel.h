// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Independent parts of one operation, side by side on a machine of many cores.

#ifndef SNAS_TF_NATIVE_PARALLEL_H_
#define SNAS_TF_NATIVE_PARALLEL_H_

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace snas_tf {

// Calls `call(0)` to `call(count - 1)`, each once, by at most so many threads, this one among them.
// TensorFlow keeps its own threads from operations that come through its C interface.
template <typename Call>
void ParallelFor(int count, int threads, Call call) {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) call(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < std::min(count, threads); ++t) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_PARALLEL_H_
