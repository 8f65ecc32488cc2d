// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/compiled.h"
#include "cli/contexts_run.h"
#include "cli/kernels.h"
#include "cli/operands.h"
#include "tests/arch/error_text.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMatmul = "problem: {m: 128, k: 128, n: 128}";
constexpr std::string_view kEdge = "problem: {kernel: edge, width: 256, height: 96, threshold: 40}";

/// Sim files and containers in a folder of their own.
class ContextsRun : public testing::Test {
 protected:
  ContextsRun() : folder_(testing::TempDir() + fmt::format("airlock-contexts-{}", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~ContextsRun() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  Contexts read(const std::string& text, std::vector<Override> overrides = {}) {
    write_file(path("sim.yaml"), text);
    return load_contexts({path("sim.yaml"), std::move(overrides)}, warnings_);
  }
  std::string refused(const std::string& text, std::vector<Override> overrides = {}) {
    std::string complaint = error_text([&] { read(text, overrides); });
    if (const size_t at = complaint.find(path("")); at != std::string::npos)
      complaint.erase(at, path("").size());
    return complaint;
  }
  static ContextsOutcome run(Contexts all) {
    return run_contexts(all, {}, [](arch::Cycle) { return true; });
  }

  /// The cycles of a kernel that has the device for itself.
  static arch::Cycle alone(std::string_view problem) {
    Draft draft(config::parse_yaml(std::string(problem) + "\ncolumns: 2\n", "alone"), "");
    const std::unique_ptr<Workload> work = compile_workload(draft.read());
    sim::Simulation simulation(work->settings.partition(), work->settings.device.timing, {});
    simulation.configure(work->lowered.configuration);
    return simulation.run(work->lowered.sequence, work->arguments()).cycles;
  }

  static std::string two(std::string_view first, std::string_view second,
                         std::string_view more = "") {
    return fmt::format(
        "{}contexts:\n"
        "  - {{columns: 2, runs: [{{name: one, {}}}]}}\n"
        "  - {{columns: 2, runs: [{{name: other, {}}}]}}\n",
        more, first, second);
  }

  std::filesystem::path folder_;
  std::vector<std::string> warnings_;
};

TEST_F(ContextsRun, TwoKernelsAtTheSameTimeAreBothRight) {
  const ContextsOutcome outcome = run(read(two(kMatmul, kEdge)));
  for (const auto& kernels : outcome.kernels) {
    EXPECT_EQ(kernels[0].verdict, Verdict::Pass);
    ASSERT_TRUE(kernels[0].comparison);
    EXPECT_EQ(kernels[0].comparison->mismatches, 0u);
  }
}

TEST_F(ContextsRun, TheyOverlapForAsLongAsTheShorterOneTakes) {
  const ContextsOutcome outcome = run(read(two(kMatmul, kEdge)));
  const arch::Cycle a = outcome.dispatches[0].result.cycles;
  const arch::Cycle b = outcome.dispatches[1].result.cycles;
  EXPECT_EQ(outcome.overlap, std::min(a, b));
  EXPECT_EQ(outcome.cycles, std::max(a, b));
}

const Override kWideDdr{"device.ddr.bytes_per_cycle", "100000", "--set"};
const Override kNarrowDdr{"device.ddr.bytes_per_cycle", "2", "--set"};

TEST_F(ContextsRun, WithDdrForBothEachTakesTheCyclesThatItTakesAlone) {
  const ContextsOutcome outcome = run(read(two(kMatmul, kEdge)));
  EXPECT_EQ(outcome.dispatches[0].result.cycles, alone(kMatmul));
  EXPECT_EQ(outcome.dispatches[1].result.cycles, alone(kEdge));
}

TEST_F(ContextsRun, TheyShareTheBandwidthOfDdr) {
  const auto cycles = [&](const std::string& text, const Override& ddr) {
    return run(read(text, {ddr})).dispatches[0].result.cycles;
  };
  const std::string edge = fmt::format("contexts: [{{columns: 2, runs: [{{{}}}]}}]\n", kEdge);
  EXPECT_GT(cycles(two(kEdge, kEdge), kNarrowDdr), cycles(edge, kNarrowDdr));
  EXPECT_EQ(cycles(two(kEdge, kEdge), kWideDdr), cycles(edge, kWideDdr));
}

TEST_F(ContextsRun, TwoRunsGiveTheSameCyclesAndEvents) {
  const std::string first = report_json(read(two(kMatmul, kEdge)), run(read(two(kMatmul, kEdge))));
  EXPECT_EQ(report_json(read(two(kMatmul, kEdge)), run(read(two(kMatmul, kEdge)))), first);
}

TEST_F(ContextsRun, TheTimelineHasBothAtTheirPhysicalColumns) {
  Contexts all = read(two(kMatmul, kEdge));
  run_contexts(all, {.timeline = path("run.json")}, [](arch::Cycle) { return true; });
  const auto records = nlohmann::json::parse(config::read_file(path("run.json")));
  std::map<int, std::string> names;
  std::set<std::string> busy;
  for (const auto& record : records) {
    if (record["name"] == "process_name")
      names[record["pid"]] = record["args"]["name"];
    else if (record["ph"] == "B")
      busy.insert(names[record["pid"]]);
  }
  for (int column = 1; column <= 4; ++column)
    EXPECT_THAT(busy, testing::Contains(testing::EndsWith(fmt::format(",{}", column)))) << column;
}

constexpr std::string_view kThree =
    "contexts:\n"
    "  - columns: 2\n"
    "    runs:\n"
    "      - {name: a, problem: {m: 128, k: 64, n: 128}}\n"
    "      - {name: b, times: 2, problem: {m: 64, k: 128, n: 64, c: bf16}}\n"
    "      - {name: c, problem: {m: 128, k: 128, n: 64, a: i8, b: i8, c: i32}}\n";

TEST_F(ContextsRun, RunsOfAContextComeOneAfterAnotherAndAreRight) {
  const ContextsOutcome outcome = run(read(std::string(kThree)));
  EXPECT_EQ(outcome.verdict, Verdict::Pass);
  EXPECT_EQ(outcome.overlap, 0u);
  for (const KernelOutcome& kernel : outcome.kernels[0])
    EXPECT_TRUE(kernel.started && kernel.comparison && kernel.comparison->mismatches == 0);
}

TEST_F(ContextsRun, AnotherConfigurationCostsItsLoadingAndTheSameOneDoesNot) {
  const Contexts all = read(std::string(kThree));
  const auto& controller = all.settings.device.timing.controller;
  const std::vector<DispatchOutcome> d = run(read(std::string(kThree))).dispatches;
  const auto gap = [&](size_t i) {
    return d[i].result.start - d[i - 1].result.start - d[i - 1].result.cycles;
  };
  ASSERT_EQ(d.size(), 4u);
  EXPECT_EQ(d[0].result.start, 0u);
  EXPECT_EQ(gap(1), controller.load.cycles() + controller.dispatch.cycles());
  EXPECT_EQ(gap(2), controller.dispatch.cycles());
  EXPECT_EQ(gap(3), controller.load.cycles() + controller.dispatch.cycles());
}

TEST_F(ContextsRun, ARunBehindOneThatHangsDoesNotStart) {
  const std::string text =
      "contexts:\n"
      "  - runs:\n"
      "      - {name: hung, problem: {m: 512, k: 512, n: 640}, compiler: {strategy: "
      "pad-pack-2024-04-24, split-l2: legacy}}\n"
      "      - {name: behind, problem: {m: 64, k: 64, n: 64}}\n"
      "sim: {data: timing}\n";
  const ContextsOutcome outcome = run(read(text));
  EXPECT_EQ(outcome.verdict, Verdict::Hang);
  EXPECT_FALSE(outcome.kernels[0][1].started);
}

TEST_F(ContextsRun, AHangOfOneDoesNotKeepTheOtherFromItsEnd) {
  const std::string text =
      "contexts:\n"
      "  - columns: 4\n"
      "    runs: [{name: hung, problem: {m: 512, k: 512, n: 640}, compiler: {strategy: "
      "pad-pack-2024-04-24, split-l2: legacy}}]\n"
      "  - columns: 4\n"
      "    runs: [{name: well, problem: {m: 128, k: 64, n: 128}}]\n"
      "device: npu4\n"
      "sim: {data: timing}\n";
  const ContextsOutcome outcome = run(read(text));
  EXPECT_EQ(outcome.kernels[0][0].verdict, Verdict::Hang);
  EXPECT_EQ(outcome.kernels[1][0].verdict, Verdict::Pass);
}

/// A container with both kernels, and files of their operands.
class ContainerContexts : public ContextsRun {
 protected:
  ContainerContexts() {
    write_file(path("mm.yaml"), fmt::format("{}\ncolumns: 2\n", kMatmul));
    write_file(path("edge.yaml"), fmt::format("{}\ncolumns: 2\n", kEdge));
    const std::vector<CompiledKernel> both{compile_kernel({"mm", path("mm.yaml")}, {}),
                                           compile_kernel({"edge", path("edge.yaml")}, {})};
    write_kernels(both, {.container = path("both.xclbin"), .instructions = path("insts.bin")});
    write_kernels({both[0]}, {.container = path("mm.xclbin")});
    write_kernels({both[1]}, {.container = path("edge.xclbin")});
    write_operands("mm", 2);
    write_operands("edge", 1);
  }

  /// The arguments as the compiled kernel finds them, and the result as it leaves it.
  void write_operands(const std::string& name, size_t result) {
    const std::unique_ptr<Workload> work = compile_workload(load({path(name + ".yaml"), {}}));
    const std::vector<sim::HostBuffer> arguments = work->arguments();
    sim::Simulation simulation(work->settings.partition(), work->settings.device.timing, {});
    simulation.configure(work->lowered.configuration);
    simulation.run(work->lowered.sequence, arguments);
    for (size_t i = 0; i < arguments.size(); ++i)
      xclbin::write_file(path(fmt::format("{}{}.bin", name, i)),
                         {reinterpret_cast<const uint8_t*>(arguments[i].data), arguments[i].bytes});
    ASSERT_EQ(result + 1, arguments.size());
  }

  static std::string from(const std::string& container, const std::string& kernel,
                          const std::string& arguments) {
    return fmt::format(
        "  - runs: [{{name: {1}, xclbin: {0}, kernel: {1}, insts: insts.{1}.bin, {2}}}]\n",
        container, kernel, arguments);
  }
  static constexpr const char* kMmFiles = "arg: {0: mm0.bin, 1: mm1.bin}, expect: {2: mm2.bin}";
  static constexpr const char* kEdgeFiles = "arg: {0: edge0.bin}, expect: {1: edge1.bin}";
};

TEST_F(ContainerContexts, BothKernelsOfOneContainerRunAtTheSameTime) {
  const ContextsOutcome outcome = run(read("contexts:\n" + from("both.xclbin", "mm", kMmFiles) +
                                           from("both.xclbin", "edge", kEdgeFiles)));
  EXPECT_EQ(outcome.verdict, Verdict::Pass);
  EXPECT_GT(outcome.overlap, 0u);
  EXPECT_EQ(outcome.dispatches[0].result.cycles, alone(kMatmul));
  EXPECT_EQ(outcome.dispatches[1].result.cycles, alone(kEdge));
  for (const auto& kernels : outcome.kernels)
    EXPECT_EQ(kernels[0].comparison->mismatches, 0u);
}

TEST_F(ContainerContexts, ArgumentsAreExpressionsToo) {
  const ContextsOutcome outcome =
      run(read("contexts:\n" + from("mm.xclbin", "mm", "arg: {0: iota*0, 1: i}, expect: {2: 0}")));
  EXPECT_EQ(outcome.verdict, Verdict::Pass);
  EXPECT_GT(outcome.kernels[0][0].comparison->elements, 0u);
}

TEST_F(ContainerContexts, TwoContainersRunSideBySide) {
  const ContextsOutcome outcome = run(read("contexts:\n" + from("mm.xclbin", "mm", kMmFiles) +
                                           from("edge.xclbin", "edge", kEdgeFiles)));
  EXPECT_EQ(outcome.verdict, Verdict::Pass);
  EXPECT_GT(outcome.overlap, 0u);
}

TEST_F(ContainerContexts, KernelsOfOneContainerRunOneAfterAnotherWithALoadBetween) {
  const std::string text =
      "contexts:\n  - runs:\n"
      "      - {name: mm, xclbin: both.xclbin, kernel: mm, insts: insts.mm.bin, " +
      std::string(kMmFiles) +
      "}\n      - {name: edge, xclbin: both.xclbin, kernel: edge, insts: insts.edge.bin, " +
      std::string(kEdgeFiles) + "}\n";
  const ContextsOutcome outcome = run(read(text));
  EXPECT_EQ(outcome.verdict, Verdict::Pass);
  EXPECT_GT(outcome.dispatches[1].load, 0u);
}

TEST_F(ContainerContexts, ACommandOutsideItsColumnsIsRefusedWithBothNames) {
  const arch::Commands far{arch::Write{arch::address_of({2, 0}, 0x1D000), 1}};
  xclbin::write_file(path("insts.edge.bin"),
                     xclbin::instruction_file(far, arch::partition_of(arch::kNpu1, 2)));
  EXPECT_EQ(refused("contexts:\n" + from("both.xclbin", "edge", kEdgeFiles) +
                    from("both.xclbin", "mm", kMmFiles)),
            "run `edge`: command 0 is for column 2, physical column 3, which belongs to context "
            "`mm`; context `edge` has columns 0 to 1, physical 1 to 2");
}

TEST(Group, JobsAtTheSameTimeHaveColumnsOfTheirOwn) {
  sim::Group group({}, {});
  const arch::Commands none;
  group.add(arch::partition_at(arch::kNpu1, 1, 2), none);
  group.add(arch::partition_at(arch::kNpu1, 2, 2), none);
  const sim::Job together[] = {{.partition = 0}, {.partition = 1}};
  EXPECT_EQ(error_text([&] { group.run(together); }),
            "jobs 0 and 1 run at the same time on columns 1 to 2 and 2 to 3; columns of their own, "
            "or one after the other");
  const sim::Job in_turn[] = {{.partition = 0}, {.partition = 1, .after = 0, .delay = 50}};
  EXPECT_EQ(group.run(in_turn)[1].start, 50u);
}

TEST_F(ContextsRun, OneContextMoreThanTheDriverTakesIsRefused) {
  std::string text = "contexts:\n";
  for (int i = 0; i < 7; ++i)
    text += fmt::format("  - {{columns: 1, runs: [{{name: k{}, {}}}]}}\n", i, kMatmul);
  EXPECT_EQ(refused(text),
            "context `k6` is number 7, and the driver takes 6 on npu1: creating it fails with "
            "NOAVAIL (0x2000003); `driver.contexts` of the device; runs of one context come one "
            "after another");
}

TEST_F(ContextsRun, ColumnsOfAnotherContextAreRefusedWithBothNames) {
  EXPECT_EQ(
      refused("contexts:\n"
              "  - {columns: 2, start: 1, runs: [{name: a, problem: {m: 64, k: 64, n: 64}}]}\n"
              "  - {columns: 2, start: 2, runs: [{name: b, problem: {m: 64, k: 64, n: "
              "64}}]}\n"),
      "context `b`: columns 2 to 3 of npu1 belong to context `a`; contexts that run at the "
      "same time have columns of their own");
}

}  // namespace
}  // namespace npu::cli
