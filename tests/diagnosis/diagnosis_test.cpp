// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "cli/compiled.h"
#include "cli/explain.h"
#include "hw-model/yaml.h"
#include "tests/diagnosis/healthy_run.h"
#include "traces/vcd.h"
#include "traces/vcd_reader.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kAirlock[] = AIRLOCK_PROGRAM;

/// What the program writes to stdout, and its exit status.
struct Said {
  std::string text;
  int status = 0;
};
Said airlock(const std::string& arguments) {
  Said said;
  FILE* pipe = popen((std::string(kAirlock) + " " + arguments + " 2>/dev/null").c_str(), "r");
  char piece[4096];
  for (size_t n = 0; (n = std::fread(piece, 1, sizeof piece, pipe)) > 0;)
    said.text.append(piece, n);
  said.status = WEXITSTATUS(pclose(pipe));
  return said;
}

std::string scratch(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string directory = testing::TempDir() + "airlock_" + test->name();
  std::filesystem::create_directories(directory);
  return directory + "/" + name;
}

std::string options_of(const std::vector<std::string>& keys) {
  std::string text = std::string(kSourceDirectory) + "/configs/problems/matmul_512.yaml";
  for (const std::string& key : keys)
    text += " --set '" + key + "'";
  return text;
}

/// The waveform of 512x512x640 with the legacy split, written by the program.
std::string hung_trace(const std::string& name = "hung.vcd", const std::string& more = "") {
  const std::string path = scratch(name);
  EXPECT_EQ(
      airlock("run -q --data timing --vcd " + path + " " + more + " " + options_of(kHung)).status,
      4);
  return path;
}

std::string golden() {
  return config::read_file(std::string(kSourceDirectory) + "/tests/diagnosis/hang_512x512x640.txt");
}

TEST(Diagnosis, OfTheLegacySplitIsTheGolden) {
  const Settings settings = settings_of(kHung);
  const DesignFacts facts = lowered_facts(settings);
  Explainer explainer(facts, {});
  const auto result =
      run_timing(facts, settings, [&](observe::Hub& hub) { explainer.attach(hub); });
  ASSERT_EQ(result.end, sim::End::Hang);
  const std::string text = explanation_text(explainer.explain());
  if (std::getenv("AIRLOCK_UPDATE_GOLDEN") != nullptr)
    std::ofstream(std::string(kSourceDirectory) + "/tests/diagnosis/hang_512x512x640.txt") << text;
  EXPECT_EQ(text, golden());
}

TEST(Diagnosis, OfATraceAgreesWithTheRunWordForWord) {
  const Said said = airlock("diagnose " + hung_trace());
  EXPECT_EQ(said.text, golden());
  EXPECT_EQ(said.status, 4);
}

TEST(Diagnosis, OfAGzipCopyAgreesToo) {
  EXPECT_EQ(airlock("diagnose " + hung_trace("hung.vcd.gz")).text, golden());
}

TEST(Diagnosis, OfAnFstCopyAgreesToo) {
  if (std::system("command -v vcd2fst fst2vcd >/dev/null") != 0)
    GTEST_SKIP() << "vcd2fst and fst2vcd are not installed";
  const std::string vcd = hung_trace();
  ASSERT_EQ(std::system(("vcd2fst " + vcd + " " + vcd + ".fst >/dev/null").c_str()), 0);
  EXPECT_EQ(airlock("diagnose " + vcd + ".fst").text, golden());
}

TEST(Diagnosis, OfACutTraceSaysHowFarItReaches) {
  const std::string whole = config::read_file(hung_trace());
  const size_t header = whole.find("$enddefinitions");
  const std::string cut = scratch("cut.vcd");
  for (const double part : {0.2, 0.5, 0.8, 0.99}) {
    const auto body = static_cast<double>(whole.size() - header);
    std::ofstream(cut) << whole.substr(0, header + static_cast<size_t>(part * body));
    const Said said = airlock("diagnose " + cut);
    EXPECT_THAT(said.text, HasSubstr("  the trace reaches cycle ")) << part;
    EXPECT_THAT(said.text, Not(HasSubstr("deadlock"))) << part;
    EXPECT_EQ(said.status, 6) << part;
  }
}

TEST(Diagnosis, OfATraceCutInItsHeaderIsRefused) {
  const std::string whole = config::read_file(hung_trace());
  const std::string cut = scratch("cut.vcd");
  std::ofstream(cut) << whole.substr(0, whole.find("$enddefinitions") / 2);
  EXPECT_EQ(airlock("diagnose " + cut).status, 2);
}

TEST(Diagnosis, OfTheLastCyclesFindsTheRootWithoutCountsOfBytes) {
  const Said said = airlock("diagnose " + hung_trace("last.vcd", "--trace-last 10000"));
  EXPECT_THAT(said.text, HasSubstr("root: lock 4 `C@64.write` of memtile(1,1) is 0 and nothing in "
                                   "the design releases it\n"));
  EXPECT_THAT(said.text, Not(HasSubstr("bytes moved")));
  EXPECT_THAT(said.text, HasSubstr("  the trace begins at cycle "));
}

TEST(Diagnosis, OfSomeTilesSaysWhoIsNotInTheTrace) {
  const Said said = airlock("diagnose " + hung_trace("some.vcd", "--trace-tiles 'memtile(1,1)'"));
  EXPECT_THAT(said.text, HasSubstr("shim(0,0).s2mm0 `C0.out` is not in the trace"));
  EXPECT_THAT(said.text, HasSubstr("also: lock 4 `C@64.write` of memtile(1,1) is 0 and nothing"));
  EXPECT_THAT(said.text, HasSubstr("narrowed to memtile(1,1): what other tiles do"));
  EXPECT_EQ(said.status, 6);
}

TEST(Diagnosis, OfAFinishedRunFindsNothing) {
  const std::string path = scratch("pass.vcd");
  ASSERT_EQ(airlock("run -q --data timing --vcd " + path + " " + options_of({})).status, 0);
  const Said said = airlock("diagnose " + path);
  EXPECT_EQ(said.text, "nothing waits: the host sequence is complete\n");
  EXPECT_EQ(said.status, 0);
}

/// One output tile, a lock for each writer: the pieces that nobody reads stop nobody, and the
/// others are sent although half of them was never written.
const std::vector<std::string> kWrong{"problem.m=256", "problem.n=128",
                                      "compiler.strategy=pad-pack-2024-04-24",
                                      "compiler.split-l2=legacy", "compiler.l2-locks=per-writer"};

TEST(Diagnosis, ARunThatSendsBytesThatNothingWroteIsWrong) {
  for (const std::string data : {"timing", "full"}) {
    const std::string directory = scratch(data);
    std::filesystem::remove_all(directory);
    EXPECT_EQ(
        airlock("run -q --data " + data + " -o " + directory + " " + options_of(kWrong)).status, 3);
    EXPECT_THAT(config::read_file(directory + "/diagnosis.txt"),
                HasSubstr("wrong data:\n  memtile(0,1).mm2s2 bd4 sent 16384 of 32768 bytes of "
                          "`C@0` [128x128xf32] that nothing had written"));
  }
}

TEST(Diagnosis, OfATraceFindsBytesThatNothingWrote) {
  const std::string path = scratch("wrong.vcd");
  ASSERT_EQ(airlock("run -q --data timing --vcd " + path + " " + options_of(kWrong)).status, 3);
  const Said said = airlock("diagnose " + path);
  EXPECT_THAT(said.text, HasSubstr("that nothing had written"));
  EXPECT_EQ(said.status, 3);
}

TEST(Diagnosis, LocksThatStayTakenForetellTheHangOfTheNextRun) {
  const std::string path = scratch("wrong.vcd");
  airlock("run -q --data timing --vcd " + path + " " + options_of(kWrong));
  EXPECT_THAT(airlock("diagnose " + path).text,
              HasSubstr("left over:\n  lock 5 `C@64.read0` of memtile(1,1) is 1, rests at 0\n"));
  EXPECT_EQ(airlock("run -q --data timing --runs 3 " + options_of(kWrong)).status, 4);
}

TEST(Diagnosis, OfARunStoppedByALimitSaysStopped) {
  std::vector<std::string> keys = kHung;
  keys.push_back("sim.limit-cycles=20000");
  const std::string path = scratch("limit.vcd");
  ASSERT_EQ(airlock("run -q --data timing --vcd " + path + " " + options_of(keys)).status, 5);
  EXPECT_THAT(airlock("diagnose " + path).text, StartsWith("stopped at cycle 20000: "));
}

TEST(Diagnosis, AsJsonNamesRootLockAndValue) {
  const std::string json = airlock("diagnose --json " + hung_trace()).text;
  EXPECT_THAT(json, HasSubstr("\"name\": \"C@64.write\""));
  EXPECT_THAT(json, HasSubstr("\"agent\": \"memtile(1,1).s2mm3\""));
}

TEST(Diagnosis, AsAPageLoadsNothing) {
  const std::string page = scratch("page.html");
  airlock("diagnose --html " + page + " " + hung_trace());
  const std::string html = config::read_file(page);
  EXPECT_THAT(html, StartsWith("<!doctype html>"));
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
}

/// Status registers of a device that stands as the model does, as a driver would print them.
std::string register_dump(const Settings& settings, const DesignFacts& facts) {
  sim::Options options;
  options.timing_only = true;
  sim::Simulation simulation(facts.partition, facts.timing, options);
  simulation.configure(facts.configuration);
  const auto& p = settings.problem;
  const std::vector<sim::HostBuffer> arguments{{nullptr, static_cast<uint64_t>(p.m * p.k) * 2},
                                               {nullptr, static_cast<uint64_t>(p.k * p.n) * 2},
                                               {nullptr, static_cast<uint64_t>(p.m * p.n) * 4}};
  simulation.run(facts.sequence, arguments);
  std::string text = "# address value\n";
  const auto add = [&](arch::Coord tile, uint32_t offset) {
    const uint32_t address = arch::address_of(tile, offset);
    text += fmt::format("{:#010x} {:#x}\n", address, simulation.read(address));
  };
  for (uint8_t col = 0; col < facts.partition.columns; ++col)
    for (uint8_t row = 0; row < arch::kRows; ++row) {
      const arch::Coord tile{col, row};
      const arch::TileFacts& tile_facts = arch::facts(tile.kind());
      for (int i = 0; i < tile_facts.locks; ++i)
        add(tile, arch::register_offset(tile.kind(), arch::RegisterId::LockValue, i));
      for (int i = 0; i < tile_facts.s2mm_channels; ++i)
        add(tile, arch::channel_register(tile.kind(), arch::RegisterId::S2mmStatus, i));
      for (int i = 0; i < tile_facts.mm2s_channels; ++i)
        add(tile, arch::channel_register(tile.kind(), arch::RegisterId::Mm2sStatus, i));
      if (tile.kind() == arch::TileKind::Core)
        add(tile, arch::register_offset(tile.kind(), arch::RegisterId::CoreStatus));
    }
  return text;
}

TEST(Diagnosis, OfARegisterDumpNamesTheSameRoot) {
  const Settings settings = settings_of(kHung);
  const std::string dump = scratch("dump.txt");
  std::ofstream(dump) << register_dump(settings, lowered_facts(settings));
  const std::string design = scratch("design.yaml");
  std::ofstream(design) << "problem: {m: 512, k: 512, n: 640, a: bf16, b: bf16, c: f32}\n"
                           "compiler: {strategy: pad-pack-2024-04-24, split-l2: legacy}\n";
  const Said said = airlock("diagnose --status " + dump + " " + design);
  EXPECT_EQ(said.status, 4);
  const std::string root = golden().substr(golden().find("root: "));
  EXPECT_THAT(said.text, HasSubstr(root.substr(0, root.find('\n') + 1)));
  EXPECT_THAT(said.text, HasSubstr("host waits for the task-complete token of shim(0,0).s2mm0"));
}

TEST(Diagnosis, OfAStatusReportInJsonReadsChannelsAndLocks) {
  const std::string dump = scratch("dump.json");
  std::ofstream(dump) << R"({"aie": {"tiles": [
    {"column": "1", "row": "1",
     "dma": {"s2mm": {"channel": [{"id": "3", "channel_status": ["running", "stalled_on_lock"],
                                   "queue_size": "0", "current_bd": "28"}]}},
     "locks": {"4": "0"}},
    {"column": 0, "row": 0,
     "dma": {"s2mm": {"channel": [{"id": 0, "channel_status": "running",
                                   "queue_size": 1, "current_bd": 0}]}}}]}})";
  const std::string design = scratch("design.yaml");
  std::ofstream(design) << "problem: {m: 512, k: 512, n: 640, a: bf16, b: bf16, c: f32}\n"
                           "compiler: {strategy: pad-pack-2024-04-24, split-l2: legacy}\n";
  const Said said = airlock("diagnose --status " + dump + " " + design);
  EXPECT_THAT(said.text, HasSubstr("lock 4 `C@64.write` of memtile(1,1) is 0"));
}

TEST(Examples, TheHungTraceHangsAndTheHealthyOneDoesNot) {
  const std::string folder = std::string(kSourceDirectory) + "/traces/examples/";
  EXPECT_EQ(airlock("diagnose " + folder + "healthy.vcd.gz").status, 0);
  const Said hung = airlock("diagnose " + folder + "hung.vcd.gz");
  EXPECT_EQ(hung.status, 4);
  EXPECT_THAT(hung.text, HasSubstr("root: lock 4 `C@64.write` of memtile(1,1) is 0 and nothing"));
}

TEST(Examples, TheReadmeShowsTheDiagnosisAsItIs) {
  const std::string readme = config::read_file(std::string(kSourceDirectory) + "/README.md");
  std::istringstream lines(golden());
  for (std::string line; std::getline(lines, line);)
    EXPECT_THAT(readme, HasSubstr(line.size() > 126 ? line.substr(0, 123) + "..." : line));
}

TEST(Check, NamesNoCycleForAMachineWithoutTime) {
  const Said said =
      airlock("check " + options_of({"problem.n=640", "compiler.strategy=pad-pack-2024-04-24",
                                     "compiler.split-l2=legacy"}));
  EXPECT_THAT(said.text, HasSubstr("\ndeadlock: after 1 of 10 output tiles"));
}

TEST(Diff, OfADesignWithItselfIsEmpty) {
  const std::string file = std::string(kSourceDirectory) + "/configs/problems/matmul_512.yaml";
  const Said said = airlock("diff " + file + " " + file);
  EXPECT_EQ(said.text, "the designs are equal\n");
  EXPECT_EQ(said.status, 0);
}

TEST(Diff, OfTheTwoSplitsNamesTheLockThatStartsDifferently) {
  const std::string good = scratch("good.yaml");
  const std::string bad = scratch("bad.yaml");
  const std::string problem = "problem: {m: 512, k: 512, n: 640, a: bf16, b: bf16, c: f32}\n";
  std::ofstream(good) << problem << "compiler: {strategy: pad-pack-2024-04-24, split-l2: fixed}\n";
  std::ofstream(bad) << problem << "compiler: {strategy: pad-pack-2024-04-24, split-l2: legacy}\n";
  const Said said = airlock("diff " + good + " " + bad);
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.text, HasSubstr("  memtile(1,1) `C@64.write`\n"
                                   "    - lock 4, starts at 2\n"
                                   "    + lock 4, starts at 1\n"));
  EXPECT_THAT(said.text, HasSubstr("  memtile(1,1).mm2s2 `C1.out`\n    - to shim(1,0).s2mm0\n"));
}

TEST(Diff, OfADesignWithTheTraceOfItsRunIsEmpty) {
  const std::string design = scratch("design.yaml");
  std::ofstream(design) << "problem: {m: 512, k: 512, n: 640, a: bf16, b: bf16, c: f32}\n"
                           "compiler: {strategy: pad-pack-2024-04-24, split-l2: legacy}\n";
  EXPECT_EQ(airlock("diff " + design + " " + hung_trace()).status, 0);
}

/// A small matmul as a problem, as MLIR, and as a container with its instructions.
class DiffOfFiles : public testing::Test {
 protected:
  DiffOfFiles() {
    const std::string problem = scratch("mm.yaml");
    std::ofstream(problem) << "problem: {m: 128, k: 32, n: 128}\n";
    std::ofstream(mlir_) << airlock("compile " + problem).text;
    const compiler::Lowered lowered = lower_design(load({problem, {}}));
    const arch::Partition& partition = lowered.design.partition;
    const auto image = xclbin::kernel_image("mm", lowered.configuration, {}, partition);
    xclbin::write_file(container_,
                       write_container(xclbin::make_container(std::vector{image}, arch::kNpu1)));
    xclbin::write_file(insts_, xclbin::instruction_file(lowered.sequence, partition));
  }

  std::string mlir_ = scratch("mm.mlir");
  std::string container_ = scratch("mm.xclbin");
  std::string insts_ = scratch("mm.bin");
};

TEST_F(DiffOfFiles, AContainerWithoutNamesIsTheDesignThatIsPrinted) {
  const Said said = airlock("diff " + container_ + " " + mlir_ + " --insts " + insts_);
  EXPECT_EQ(said.text, "the designs are equal\n");
  EXPECT_EQ(said.status, 0);
}

TEST_F(DiffOfFiles, AContainerWithoutInstructionsIsComparedByItsConfiguration) {
  EXPECT_EQ(airlock("diff " + mlir_ + " " + container_).status, 0);
}

TEST_F(DiffOfFiles, AContainerWithoutNamesIsToldByThoseOfTheOther) {
  std::string text = airlock("compile " + scratch("mm.yaml")).text;
  const size_t at = text.find("sym_name = \"A(0,2).free\"");
  ASSERT_NE(at, std::string::npos);
  const size_t init = text.rfind("init = ", at);
  text.replace(init, 8, "init = 1");
  std::ofstream(mlir_) << text;
  const Said said = airlock("diff " + container_ + " " + mlir_ + " --insts " + insts_);
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.text, HasSubstr("locks: 1 differs\n"
                                   "  core(0,2) `A(0,2).free`\n"
                                   "    - lock 0, starts at 2\n"
                                   "    + lock 0, starts at 1\n"));
}

TEST_F(DiffOfFiles, TwoContainersDifferByTheirInstructions) {
  const std::string other = scratch("other.bin");
  const compiler::Lowered lowered = lower_design(load({scratch("mm.yaml"), {}}));
  arch::Commands sequence = lowered.sequence;
  std::erase_if(sequence, [](const arch::Command& command) {
    return std::holds_alternative<arch::AddressPatch>(command);
  });
  sequence.push_back(arch::Write{arch::address_of({0, 2}, 0x400), 7});
  xclbin::write_file(other, xclbin::instruction_file(sequence, lowered.design.partition));
  const Said said =
      airlock("diff " + container_ + " " + container_ + " --insts " + insts_ + " --insts " + other);
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.text, HasSubstr("registers: 1 differs\n"
                                   "  core(0,2).data_memory+0x400\n"
                                   "    + 0x7\n"));
}

/// Designs of others that hang, by their files.
class HangingDesign : public testing::TestWithParam<const char*> {
 protected:
  std::string file() const { return std::string(kSourceDirectory) + "/" + GetParam(); }
};

TEST_P(HangingDesign, IsExplainedByItsTraceAsByItsRunWordForWord) {
  const std::string trace = scratch("hung.vcd");
  const std::string directory = scratch("run");
  std::filesystem::remove_all(directory);
  ASSERT_EQ(
      airlock("run " + file() + " --arg 0=iota -q --vcd " + trace + " -o " + directory).status,
      kHang);
  std::stringstream live;
  live << std::ifstream(directory + "/diagnosis.txt").rdbuf();
  const Said said = airlock("diagnose " + trace);
  EXPECT_EQ(said.status, kHang);
  EXPECT_EQ(said.text, live.str());
}

TEST_P(HangingDesign, IsFoundToHangWithoutARunByTheNamesOfItsFile) {
  const Said said = airlock("check " + file());
  EXPECT_EQ(said.status, kHang);
  const std::string name = std::filesystem::path(GetParam()).filename();
  EXPECT_THAT(said.text, testing::ContainsRegex("\nroot: core.0,[34]..[a-z0-9]* `[a-z]*` ." + name +
                                                ":[0-9]*"));
}

INSTANTIATE_TEST_SUITE_P(Files, HangingDesign,
                         testing::Values("configs/designs/pipeline.mlir",
                                         "tests/import/hangs/broadcast.mlir"));

TEST(Diff, OfADesignAndOneWithArbitersOfItsOwnNamesTheSharedOne) {
  const std::string folder = std::string(kSourceDirectory) + "/configs/designs/";
  const Said said =
      airlock("diff " + folder + "pipeline.mlir " + folder + "pipeline_two_ways.mlir");
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.text, HasSubstr("  core(0,3).mm2s0 `scaled`\n"
                                   "    - to core(0,4).s2mm1; shares arbiter 0 of core(0,3) with "
                                   "core(0,2).mm2s1 `pair`"));
}

}  // namespace
}  // namespace npu::cli
