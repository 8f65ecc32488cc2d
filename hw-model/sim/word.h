// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hw-model/sim/fabric.h"

namespace npu::sim {

/// Streams word by word: every word is read from its source's memory when it leaves, travels, waits
/// in the receiver's port, and is written when it is taken. Slow; the reference for FlowFabric.
class WordFabric final : public Fabric {
 public:
  WordFabric(Context& context, logic::Network& network);

  uint64_t taken(int sink) const override;

 private:
  struct Word {
    uint32_t value;
    Cycle arrives;
    observe::Agent from;
    bool first;  ///< of the receivers of a broadcast
  };
  struct SourcePart {
    WordFabric* fabric = nullptr;
    int index = 0;
    Alarm alarm;
    uint64_t next = 0;
    bool stalled = false;
    bool last_left = false;
    void fire() { fabric->emit_words(index); }
  };
  struct SinkPart {
    WordFabric* fabric = nullptr;
    int index = 0;
    Alarm alarm;
    std::deque<Word> port;
    uint64_t taken = 0;
    bool starved = false;
    void fire() { fabric->take_words(index); }
  };

  void launch(Source& source) override;
  void opened(Sink& sink) override;
  void closed(Source& source) override;
  void closed(Sink& sink) override;

  void emit_words(int source);
  void emit_word(Source& source, uint64_t index);
  void take_words(int sink);
  void take_word(Sink& sink, const Word& word);
  uint32_t read_word(const Source& source, uint64_t index) const;
  void wake(Sink& sink);

  SourcePart& part(const Source& source);
  SinkPart& part(const Sink& sink);

  std::vector<std::unique_ptr<SourcePart>> source_parts_;
  std::vector<std::unique_ptr<SinkPart>> sink_parts_;
};

}  // namespace npu::sim
