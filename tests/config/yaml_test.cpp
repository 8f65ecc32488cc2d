// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::config {
namespace {

std::string error_of(std::string_view text) {
  try {
    parse_yaml(text, "a.yaml");
  } catch (const Error& e) {
    return std::string(e.what()) + "\n" + e.hint();
  }
  return "no error";
}

template <typename F>
std::string error_from(F f) {
  try {
    f();
  } catch (const Error& e) {
    return std::string(e.what()) + "\n" + e.hint();
  }
  return "no error";
}

Node scalar(std::string text) {
  Node node;
  node.kind = Node::Kind::Scalar;
  node.where = "a.yaml:1:1";
  node.text = std::move(text);
  return node;
}

TEST(Yaml, RemembersWhereAValueStands) {
  const Node root = parse_yaml("a:\n  b: [1, 2]\n", "a.yaml");
  EXPECT_EQ(root.find("a")->find("b")->items[1].where, "a.yaml:2:10");
}

TEST(Yaml, AKeyThatOccursTwiceIsAnError) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"),
            "a.yaml:3:1: key `a` occurs twice\nfirst at a.yaml:1:1");
}

TEST(Yaml, AnAliasIsAnError) {
  EXPECT_EQ(error_of("a: &x [1]\nb: *x\n"),
            "a.yaml:2:4: aliases are not supported\nwrite the value out");
}

TEST(Yaml, ASelfReferenceIsAnErrorAndNoEndlessLoop) {
  EXPECT_THAT(error_of("a: &x [*x]\n"), testing::StartsWith("a.yaml:1:8: aliases"));
}

TEST(Yaml, AHalfWrittenMapIsAnErrorAtItsEnd) {
  EXPECT_THAT(error_of("a: {b: 1,\n"),
              testing::StartsWith("a.yaml:2:1: end of map flow not found"));
}

TEST(Yaml, ASecondDocumentIsAnError) {
  EXPECT_THAT(error_of("a: 1\n---\nb: 2\n"), testing::HasSubstr("a second document begins"));
}

TEST(Yaml, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_NE(error_of(std::string(100'000, '[')), "no error");
}

TEST(Yaml, AnUnknownKeyNamesTheNearestAndAll) {
  const Node root = parse_yaml("lock_cycle: 1\n", "a.yaml");
  constexpr std::string_view kKeys[] = {"stream_hop", "lock_cycles"};
  EXPECT_EQ(error_from([&] { check_keys(root, "timing", kKeys); }),
            "a.yaml:1:1: unknown key `lock_cycle`\n"
            "did you mean `lock_cycles`? keys here: stream_hop, lock_cycles");
}

TEST(Yaml, AWordIsNoWholeNumber) {
  EXPECT_EQ(error_from([] { to_integer(scalar("many"), "problem.m", 1, 9); }),
            "a.yaml:1:1: `problem.m` is `many`, not a whole number\n1 to 9");
}

TEST(Yaml, AFractionIsNoWholeNumber) {
  EXPECT_EQ(error_from([] { to_integer(scalar("1.5"), "problem.m", 1, 9); }),
            "a.yaml:1:1: `problem.m` is `1.5`, not a whole number\n1 to 9");
}

TEST(Yaml, ANumberBeyondItsRangeNamesTheRange) {
  EXPECT_EQ(error_from([] { to_integer(scalar("12"), "problem.m", 1, 9); }),
            "a.yaml:1:1: `problem.m` cannot be 12\n1 to 9");
}

TEST(Yaml, ANumberBeyond64BitsNamesTheRange) {
  EXPECT_EQ(error_from([] { to_integer(scalar("99999999999999999999"), "seed", 0, 9); }),
            "a.yaml:1:1: `seed` cannot be 99999999999999999999\n0 to 9");
}

TEST(Yaml, AQuantityHasANumberAndAUnit) {
  const Quantity quantity = to_quantity(scalar("1.8 GHz"), "clock");
  EXPECT_EQ(quantity.value, 1.8);
  EXPECT_EQ(quantity.unit, "GHz");
}

TEST(Yaml, PutMakesTheMapsOnItsWay) {
  Node root;
  put(root, "problem.m", scalar("5"));
  EXPECT_EQ(root.find("problem")->find("m")->text, "5");
}

TEST(Yaml, PutThroughANumberIsAnError) {
  Node root = parse_yaml("problem: 5\n", "a.yaml");
  EXPECT_THAT(error_from([&] { put(root, "problem.m", scalar("5")); }),
              testing::HasSubstr("`5` at a.yaml:1:10 has no key `m`"));
}

class Quoting : public testing::TestWithParam<std::string> {};
TEST_P(Quoting, ReadsBackAsTheSameText) {
  const Node root = parse_yaml("a: " + yaml_scalar(GetParam()) + "\n", "a.yaml");
  EXPECT_EQ(root.find("a")->text, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Texts, Quoting,
                         testing::Values("plain", "with: colon", "# hash", "\"quoted\"", "", "~",
                                         "a, b", "back\\slash", "- dash", "{map}", " edge "));

TEST(Yaml, ADirectoryIsNoFile) {
  EXPECT_EQ(error_from([] { read_yaml("/tmp"); }), "/tmp: is a directory\nname a file in it");
}

}  // namespace
}  // namespace npu::config
