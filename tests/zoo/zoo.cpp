// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/zoo/zoo.h"

#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "hw-model/arch/error.h"
#include "hw-model/arch/register.h"
#include "hw-model/diagnosis/diagnose.h"
#include "hw-model/diagnosis/findings.h"
#include "hw-model/diagnosis/freshness.h"
#include "hw-model/diagnosis/mistakes.h"
#include "hw-model/observe/checker.h"
#include "hw-model/observe/order.h"
#include "hw-model/sim/sim.h"
#include "traces/vcd.h"
#include "traces/vcd_reader.h"

namespace npu::zoo {

namespace {

using arch::Coord;

/// An array with a design on it, and everybody who watches.
class Array {
 public:
  Array(const Specimen& specimen, const Lowered& lowered)
      : lowered_(lowered),
        timing_(specimen.timing),
        image_(lowered.design.partition, specimen.timing),
        simulation_(lowered.design.partition, specimen.timing, options(specimen)),
        freshness_(image_),
        memory_(lowered.names) {
    image_.configure(lowered.configuration);
    for (observe::Observer* each :
         std::initializer_list<observe::Observer*>{&history_, &freshness_, &memory_, &order_})
      simulation_.hub().attach(*each);
    record();
    simulation_.configure(lowered.configuration);
  }
  ~Array() { std::filesystem::remove(path_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  sim::End run(const arch::Commands& sequence, std::vector<Words>& arguments) {
    image_.sequence(sequence);
    std::vector<sim::HostBuffer> buffers;
    for (Words& words : arguments)
      buffers.push_back({reinterpret_cast<std::byte*>(words.data()), 4 * words.size()});
    return simulation_.run(sequence, buffers).end;
  }

  diagnosis::Diagnosis diagnose() const {
    return diagnosis::diagnose(image_, lowered_.names, history_);
  }

  std::vector<std::string> findings() const {
    std::vector<std::string> out;
    for (const auto& mistake : diagnosis::mistakes(image_, lowered_.names, history_))
      out.push_back(mistake.text);
    for (const auto& stale : freshness_.stale())
      out.push_back(diagnosis::to_text(stale, lowered_.names));
    for (const auto& memory : memory_.findings())
      out.push_back(diagnosis::to_text(memory, image_, lowered_.names));
    for (const auto& order : order_.findings())
      out.push_back(diagnosis::to_text(order, image_, lowered_.names));
    const auto remarks = diagnose().remarks;
    out.insert(out.end(), remarks.begin(), remarks.end());
    return out;
  }

  /// The diagnosis from the trace of the run, which ends here.
  std::string from_trace() {
    trace_->close();
    const traces::Recording recording = traces::read_vcd(path_);
    diagnosis::Image image(image_.partition(), timing_);
    image.configure(recording.facts.configuration);
    image.sequence(recording.facts.sequence);
    diagnosis::History history;
    for (const observe::Event& event : recording.events)
      history.on(event);
    history.finish(recording.end);
    return to_text(diagnosis::diagnose(image, recording.facts.names, history));
  }

  /// Lets everything that still can move come to rest; returns all locks' values.
  std::vector<int> locks_at_rest() {
    const arch::Commands never{arch::Sync{.col = 0, .row = 5, .direction = arch::Direction::Mm2s}};
    simulation_.run(never, {});
    std::vector<int> values;
    for (int col = 0; col < image_.partition().columns; ++col)
      for (int row = 0; row < arch::kRows; ++row) {
        const Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
        for (int lock = 0; lock < arch::facts(tile.kind()).locks; ++lock)
          values.push_back(static_cast<int>(simulation_.read(arch::address_of(
              tile, arch::register_offset(tile.kind(), arch::RegisterId::LockValue, lock)))));
      }
    return values;
  }

 private:
  static sim::Options options(const Specimen& specimen) {
    sim::Options out;
    out.limit_cycles = specimen.limit;
    out.fidelity = specimen.fidelity;
    out.schedule_seed = specimen.schedule_seed;
    return out;
  }

  void record() {
    traces::Facts facts{.names = lowered_.names,
                        .configuration = lowered_.configuration,
                        .sequence = lowered_.sequence};
    facts.columns = lowered_.design.partition.columns;
    trace_.emplace(traces::file_sink(path_), facts);
    simulation_.hub().attach(*trace_);
  }
  /// A file of this process: each test is one.
  static std::string trace_path() {
    static int count = 0;
    return std::filesystem::temp_directory_path() / fmt::format("zoo-{}-{}.vcd", getpid(), count++);
  }

  const Lowered& lowered_;
  const arch::Timing& timing_;
  diagnosis::Image image_;
  sim::Simulation simulation_;
  diagnosis::History history_;
  diagnosis::Freshness freshness_;
  observe::MemoryChecker memory_;
  observe::OrderChecker order_;
  std::string path_ = trace_path();
  std::optional<traces::VcdWriter> trace_;
};

Report finished(const Specimen& specimen, const Lowered& lowered, Array& array,
                std::vector<Words> arguments) {
  Report report;
  report.findings = array.findings();
  const bool right = !specimen.want ||
                     arguments[static_cast<size_t>(specimen.want->first)] == specimen.want->second;
  report.arguments = std::move(arguments);
  Array idle(specimen, lowered);
  if (right && array.locks_at_rest() != idle.locks_at_rest())
    report.findings.push_back("locks do not come back to where they rest without work");
  report.verdict = !right                    ? Verdict::Wrong
                   : report.findings.empty() ? Verdict::Passes
                                             : Verdict::Suspect;
  if (!report.findings.empty())
    report.cause = report.findings.front();
  return report;
}

Lowered lowered_of(const Design& design, const Specimen& specimen) {
  Lowered lowered = compiler::lower(design);
  if (specimen.tamper)
    specimen.tamper(lowered);
  return lowered;
}

}  // namespace

Report examine(const Specimen& specimen) try {
  const Lowered lowered = lowered_of(specimen.design, specimen);
  auto array = std::make_unique<Array>(specimen, lowered);
  std::vector<Words> arguments = specimen.arguments;
  for (size_t i = arguments.size(); i < specimen.design.arguments.size(); ++i)
    arguments.emplace_back(specimen.design.arguments[i].bytes() / 4);
  if (specimen.before) {
    std::vector<Words> other = arguments;
    const Lowered first = compiler::lower(*specimen.before);
    array->run(first.sequence, other);
    if (specimen.reset)
      array = std::make_unique<Array>(specimen, lowered);
  }
  const sim::End end = array->run(lowered.sequence, arguments);
  if (end == sim::End::Finished)
    return finished(specimen, lowered, *array, std::move(arguments));
  const diagnosis::Diagnosis diagnosis = array->diagnose();
  Report report;
  report.verdict = end == sim::End::Hang ? Verdict::Hangs : Verdict::TimesOut;
  report.cause = diagnosis.roots.empty() ? "" : diagnosis.roots.front().sentence;
  report.findings = array->findings();
  report.text = to_text(diagnosis);
  if (!specimen.before)
    report.from_trace = array->from_trace();
  report.arguments = std::move(arguments);
  return report;
} catch (const Error& error) {
  return {.verdict = Verdict::Refused, .cause = error.what(), .findings = {error.hint()}};
}

void PrintTo(Verdict verdict, std::ostream* os) {
  static constexpr std::string_view kWords[] = {"passes",   "is refused",       "hangs",
                                                "is wrong", "is right by luck", "times out"};
  *os << kWords[static_cast<size_t>(verdict)];
}

namespace {

void expect_once(const Specimen& specimen, Verdict verdict, const std::string& cause) {
  const Report report = examine(specimen);
  const std::string all =
      fmt::format("{}found:\n  {}\n", report.text, fmt::join(report.findings, "\n  "));
  EXPECT_EQ(report.verdict, verdict) << all;
  EXPECT_EQ(report.cause, cause) << all;
  if (!report.from_trace.empty()) {
    EXPECT_EQ(report.from_trace, report.text);
  }
}

}  // namespace

void expect(const Specimen& specimen, Verdict verdict, const std::string& cause) {
  expect_once(specimen, verdict, cause);
  Specimen word_by_word = specimen;
  word_by_word.fidelity = sim::Fidelity::Word;
  expect_once(word_by_word, verdict, cause);
}

void expect_healthy(const Specimen& specimen) {
  expect(specimen, Verdict::Passes, "");
  Specimen permuted = specimen;
  for (const uint64_t seed : {1, 2, 3}) {
    permuted.schedule_seed = seed;
    expect_once(permuted, Verdict::Passes, "");
  }
}

}  // namespace npu::zoo
