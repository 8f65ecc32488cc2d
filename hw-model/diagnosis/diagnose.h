// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/diagnosis/wait_graph.h"

namespace npu::diagnosis {

/// One agent's part in a standstill.
struct Link {
  Agent who;
  std::string text;  ///< `memtile(1,1).s2mm2 C(1,3): waits for lock 4 C@64.write >= 1, is 0; 0 of
                     ///< 16384 bytes moved`
};

/// Why a run stopped. The root comes first, then how its waiting reaches the host, then who else
/// suffers.
struct Diagnosis {
  bool hang = false;     ///< the host sequence is not complete
  bool running = false;  ///< somebody still moves: stopped from outside, no deadlock
  Cycle cycle = 0;
  std::string progress;
  struct Root {
    std::string sentence;  ///< the cause in one sentence
    std::string effect;    ///< what it leads to, when the cause is not one of the waits
    bool cycle = false;    ///< the links wait for each other in a ring
    std::vector<Link> links;
    std::vector<std::string> because;  ///< what is wrong in the design, where that can be known
    std::string hint;                  ///< what would help
  };
  std::vector<Root> roots;
  std::vector<Link> chain;            ///< from the first root to the host
  std::vector<std::string> symptoms;  ///< everybody else, folded
  std::vector<std::string> remarks;   ///< errors that silicon would have flagged, dropped tasks
};

/// Explains how things stand. A function of the commands (image), the names and the events
/// (history), so that a live run and its trace get the same words.
Diagnosis diagnose(const Image& image, const arch::Names& names, const History& history);

/// The diagnosis for a terminal, several lines.
std::string to_text(const Diagnosis& diagnosis);

}  // namespace npu::diagnosis
