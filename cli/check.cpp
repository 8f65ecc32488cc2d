// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/diagnosis/check.h"

#include <memory>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/design_source.h"

namespace npu::cli {
namespace {

using diagnosis::Exploration;

struct Options {
  SourceOptions source;
  FileOptions files;
  MlirOptions mlir;
  std::string witness;
  uint64_t states = diagnosis::ExploreLimits{}.states;
  bool json = false;
};

std::string_view word(Exploration::Verdict verdict) {
  constexpr std::string_view kWords[] = {"accept", "error", "undecided"};
  return kWords[static_cast<size_t>(verdict)];
}

int status_of(Exploration::Verdict verdict) {
  constexpr Status kStatus[] = {kRight, kHang, kUndecided};
  return kStatus[static_cast<size_t>(verdict)];
}

std::string json_of(const diagnosis::Check& check) {
  const Exploration& e = check.exploration;
  nlohmann::ordered_json json{
      {"verdict", word(e.verdict)}, {"states", e.states}, {"grants", e.grants}, {"steps", e.steps}};
  if (!e.reason.empty())
    json["reason"] = e.reason;
  if (e.verdict == Exploration::Verdict::Error) {
    json["fair"] = e.fair;
    json["diagnosis"] = diagnosis::to_text(check.hang);
    json["witness"] = nlohmann::ordered_json::array();
    for (const observe::GrantStep& step : e.witness)
      json["witness"].push_back(diagnosis::to_string(step));
  }
  json["findings"] = nlohmann::ordered_json::array();
  for (const diagnosis::Finding& finding : check.findings)
    json["findings"].push_back({{"rule", finding.rule},
                                {"tile", arch::to_string(finding.tile)},
                                {"subject", finding.subject},
                                {"text", finding.text}});
  return json.dump(2) + "\n";
}

int run(const Options& options) {
  const DesignFacts facts = load_design(options.source.source(), options.files, options.mlir);
  const diagnosis::Check check = diagnosis::check(image_of(facts), facts.names, facts.timing,
                                                  {.states = options.states}, facts.load_names);
  const Exploration& e = check.exploration;
  write_stdout(options.json ? json_of(check) : diagnosis::to_text(check));
  if (!options.witness.empty() && e.verdict == Exploration::Verdict::Error)
    write_file(options.witness,
               fmt::format("# airlock run {} --schedule {}\n{}", options.source.file,
                           options.witness, diagnosis::print(e.witness)));
  return status_of(e.verdict);
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("check", "will it hang? without running it");
  add_source_options(*command, options->source);
  add_shortcut(*command, options->source, "--device", "device", "NAME",
               "npu1, npu4 or a device file");
  add_kernel_options(*command, options->files);
  add_design_options(*command, options->mlir);
  command
      ->add_option("-o,--witness", options->witness,
                   "of an error: the schedule that hangs, for run --schedule")
      ->type_name("FILE");
  command->add_option("--states", options->states, "states to look at before giving up")
      ->type_name("N");
  command->add_flag("--json", options->json, "verdict, witness and findings as JSON");
  command->footer(
      "exit status: 0 accept: no order of events hangs; 4 error: an order does; 6 undecided");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace npu::cli
