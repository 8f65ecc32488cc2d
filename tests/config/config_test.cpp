// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::config {
namespace {

using arch::KernelOp;
using arch::Type;

DeviceConfig read(std::string_view text) {
  return read_device(parse_yaml(text, "d.yaml"));
}

std::string error_of(std::string_view text) {
  try {
    read(text);
  } catch (const Error& e) {
    return std::string(e.what()) + "\n" + e.hint();
  }
  return "no error";
}

arch::KernelSpec matmul(Type a, Type c, int m, int k, int n) {
  arch::KernelSpec spec;
  spec.a = spec.b = a;
  spec.c = c;
  spec.m = m;
  spec.k = k;
  spec.n = n;
  return spec;
}

/// Places of numbers that are not the value of an `{value, origin, source}`.
void collect_bare_numbers(const Node& node, std::vector<std::string>& places) {
  if (node.kind == Node::Kind::Scalar && node.text.find_first_of("0123456789") == 0)
    places.push_back(node.where);
  for (const Node& item : node.items)
    collect_bare_numbers(item, places);
  const bool has_origin = node.find("origin") && node.find("source");
  for (const Entry& entry : node.entries)
    if (!(has_origin && (entry.key == "value" || entry.key == "source")))
      collect_bare_numbers(entry.value, places);
}

class DeviceFile : public testing::TestWithParam<BuiltinFile> {};

TEST_P(DeviceFile, GivesEveryNumberAnOriginAndASource) {
  std::vector<std::string> places;
  collect_bare_numbers(parse_yaml(GetParam().text, std::string(GetParam().path)), places);
  EXPECT_THAT(places, testing::IsEmpty());
}

TEST_P(DeviceFile, HasASourceBehindEveryParameter) {
  arch::Timing timing = builtin_device(GetParam().name).timing;
  std::vector<std::string_view> without;
  for (const ParameterRow& row : parameters())
    if (row.at(timing).source.empty())
      without.push_back(row.path);
  EXPECT_THAT(without, testing::IsEmpty());
}

TEST_P(DeviceFile, PrintsToAFileThatReadsBackToTheSame) {
  const std::string printed = print(builtin_device(GetParam().name));
  EXPECT_EQ(print(read(printed)), printed);
}

TEST_P(DeviceFile, NamesItself) {
  EXPECT_EQ(builtin_device(GetParam().name).device->name, GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(All, DeviceFile, testing::ValuesIn(builtin_files()),
                         [](const auto& file) { return std::string(file.param.name); });

// Cycles measured on one core; the parameters must give them back.
struct MeasuredKernel {
  std::string_view device;
  Type a;
  Type c;
  int m, k, n;
  int cycles;
};
class Calibration : public testing::TestWithParam<MeasuredKernel> {};
TEST_P(Calibration, GivesTheMeasuredCyclesBack) {
  const MeasuredKernel& row = GetParam();
  const arch::Timing timing = builtin_device(row.device).timing;
  EXPECT_NEAR(static_cast<double>(timing.kernel_cycles(matmul(row.a, row.c, row.m, row.k, row.n))),
              row.cycles, 1.0);
}
INSTANTIATE_TEST_SUITE_P(
    SingleCore, Calibration,
    testing::Values(MeasuredKernel{"npu1", Type::I8, Type::I8, 64, 232, 64, 4078},
                    MeasuredKernel{"npu1", Type::I8, Type::I16, 64, 216, 64, 4066},
                    MeasuredKernel{"npu1", Type::I8, Type::I32, 48, 280, 48, 3360},
                    MeasuredKernel{"npu1", Type::Bf16, Type::Bf16, 64, 104, 64, 3783},
                    MeasuredKernel{"npu1", Type::Bf16, Type::F32, 32, 32, 32, 288},
                    MeasuredKernel{"npu4", Type::I8, Type::I8, 64, 232, 64, 2109},
                    MeasuredKernel{"npu4", Type::I8, Type::I16, 64, 216, 64, 2108},
                    MeasuredKernel{"npu4", Type::I8, Type::I32, 48, 280, 48, 1680},
                    MeasuredKernel{"npu4", Type::Bf16, Type::Bf16, 48, 152, 48, 2215}));

TEST(DeviceConfig, ChangesOneNumberOfTheBuiltInFile) {
  const DeviceConfig config =
      read("{name: npu1, stream: {hop: {value: 7, origin: assumed, source: what if}}}");
  EXPECT_EQ(config.timing.stream.hop.value, 7);
  EXPECT_EQ(config.timing.stream.local.value, builtin_device("npu1").timing.stream.local.value);
}

TEST(DeviceConfig, ATimeBecomesCyclesOfTheFilesClock) {
  const DeviceConfig config = read(
      "{name: npu1, clock: {value: 2 GHz, origin: assumed, source: x},"
      " shim: {mm2s_cold: {value: 100 ns, origin: assumed, source: x}}}");
  EXPECT_DOUBLE_EQ(config.timing.shim.mm2s_cold.value, 200);
}

TEST(DeviceConfig, ARateBecomesBytesACycleOfTheFilesClock) {
  const DeviceConfig config = read(
      "{name: npu1, clock: {value: 2 GHz, origin: assumed, source: x},"
      " ddr: {bytes_per_cycle: {value: 64 GB/s, origin: assumed, source: x}}}");
  EXPECT_DOUBLE_EQ(config.timing.ddr.bytes_per_cycle.value, 32);
}

TEST(DeviceConfig, AKernelRowReplacesTheOneOfTheSameTypes) {
  const DeviceConfig config = read(
      "name: npu1\n"
      "kernels:\n"
      "  - {op: matmul, a: bf16, c: f32,\n"
      "     rate: {value: 64, origin: assumed, source: x},\n"
      "     per_block: {value: 0, origin: assumed, source: x},\n"
      "     setup: {value: 5, origin: assumed, source: x}}\n");
  EXPECT_EQ(config.timing.kernel_cycles(matmul(Type::Bf16, Type::F32, 32, 32, 32)), 517u);
  EXPECT_EQ(config.timing.kernels.size(), builtin_device("npu1").timing.kernels.size());
}

TEST(DeviceConfig, ANumberWithoutAnOriginIsAnError) {
  EXPECT_EQ(error_of("{name: npu1, stream: {hop: 4}}"),
            "d.yaml:1:28: `stream.hop` has no origin\n{value: 4, origin: assumed, source: why}");
}

TEST(DeviceConfig, ANumberWithoutASourceIsAnError) {
  EXPECT_EQ(error_of("{name: npu1, stream: {hop: {value: 4, origin: assumed}}}"),
            "d.yaml:1:28: `stream.hop` has no `source`\n"
            "{value: 4, origin: manual, source: where it stands}");
}

TEST(DeviceConfig, AnUnknownParameterNamesTheNearest) {
  EXPECT_THAT(
      error_of("{name: npu1, stream: {hopp: {value: 4, origin: assumed, source: x}}}"),
      testing::StartsWith("d.yaml:1:23: unknown key `hopp`\ndid you mean `hop`? keys here: "));
}

TEST(DeviceConfig, AWrongUnitNamesTheUnitsThereAre) {
  EXPECT_EQ(error_of("{name: npu1, clock: {value: 4, origin: assumed, source: x}}"),
            "d.yaml:1:29: `clock` cannot be in `4`\nunits here: MHz, GHz");
}

TEST(DeviceConfig, AnUnknownDeviceNamesThoseThereAre) {
  EXPECT_EQ(error_of("name: npu2"), "d.yaml:1:7: unknown device `npu2`\ndevices: npu1, npu4");
}

}  // namespace
}  // namespace npu::config
