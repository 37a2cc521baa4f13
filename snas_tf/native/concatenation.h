// Copyright 2026 The snas_tf Authors.
// SPDX-License-Identifier: Apache-2.0
//
// Tensors (pixels, channels) side by side, channel after channel, and taken apart again: the gradient.

#ifndef SNAS_TF_NATIVE_CONCATENATION_H_
#define SNAS_TF_NATIVE_CONCATENATION_H_

#include <cstddef>
#include <vector>

#include "lanes.h"

namespace snas_tf {

// joined (pixels, channels of all) from the parts, or into them.
template <int L, bool kApart, typename Joined, typename Part>
void Concatenate(const std::vector<Part*>& parts, size_t begin, size_t end, int channels,
                 Joined* joined) {
  joined += begin * parts.size() * channels;
  for (size_t i = begin * channels; i < end * channels; i += channels)
    for (Part* part : parts)
      for (int c = 0; c < channels; c += L, joined += L) {
        if constexpr (kApart)
          Store<L>(part + i + c, Load<L>(joined));
        else
          Store<L>(joined, Load<L>(part + i + c));
      }
}

}  // namespace snas_tf

#endif  // SNAS_TF_NATIVE_CONCATENATION_H_
