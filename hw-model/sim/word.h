// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <deque>
#include <memory>

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
  };
  struct WordSource final : Source {
    WordFabric* fabric = nullptr;
    Alarm alarm;
    Cycle beat = 0;  ///< when the next words leave; past while those of a packet are made up for
    uint64_t next = 0;
    bool stalled = false;
    bool last_left = false;
    void fire() { fabric->send_words(*this); }
  };
  struct WordSink final : Sink {
    WordFabric* fabric = nullptr;
    Alarm alarm;
    std::deque<Word> port;
    uint64_t taken = 0;
    bool starved = false;
    void fire() { fabric->take_words(*this); }
  };
  static WordSource& mine(Source& source) { return static_cast<WordSource&>(source); }
  static WordSink& mine(Sink& sink) { return static_cast<WordSink&>(sink); }

  std::unique_ptr<Source> make_source() override;
  std::unique_ptr<Sink> make_sink() override;
  void launch(Source& source, Cycle start) override;
  void opened(Sink& sink) override;
  void closed(Source& source) override;
  uint64_t closed(Sink& sink) override;

  void send_words(WordSource& source);
  bool emit_beat(WordSource& source);
  void emit_word(WordSource& source, uint64_t index);
  void take_words(WordSink& sink);
  void take_word(WordSink& sink, const Word& word);
  uint32_t read_word(const Source& source, uint64_t index) const;
  void wake(WordSink& sink);
};

}  // namespace npu::sim
