// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/lower/lower.h"

#include <algorithm>
#include <array>

#include "compiler/design/verify.h"
#include "compiler/lower/passes.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

template <void (*pass)(Design&)>
void on_design(Lowered& lowered) {
  pass(lowered.design);
}

/// What the sequence loads while it runs: all of a design anew, over what was there.
void add_loads(Lowered& lowered) {
  const auto loads = [](const arch::Command& command) {
    return std::holds_alternative<arch::Load>(command);
  };
  if (std::ranges::none_of(lowered.sequence, loads))
    return;
  const auto after_reset = [&](const arch::Commands& configuration) {
    arch::Commands commands = emit_reset(lowered.design.partition);
    commands.insert(commands.end(), configuration.begin(), configuration.end());
    return commands;
  };
  lowered.loads[0] = after_reset(lowered.configuration);
  lowered.load_names[0] = lowered.names;
  for (const Design& other : lowered.design.others) {
    const Lowered loaded = lower(other);
    const auto id = static_cast<uint32_t>(lowered.loads.size());
    lowered.loads[id] = after_reset(loaded.configuration);
    join_names(lowered.names, loaded.names);
    lowered.load_names[id] = loaded.names;
    lowered.load_names[id].arguments = lowered.load_names[0].arguments;
  }
}

void emit(Lowered& lowered) {
  lowered.configuration = emit_configuration(lowered.design);
  lowered.sequence = emit_sequence(lowered.design);
  lowered.names = names_of(lowered.design);
  add_loads(lowered);
}

constexpr std::string_view kFits = "fit-dims";

constexpr std::array kPasses{
    Pass{"assign-channels", "gives every stream its DMA channel", on_design<assign_channels>},
    Pass{kFits, "rewrites dimensions to fit the descriptor fields", on_design<fit_dims>},
    Pass{"assign-addresses", "places buffers in the memories", on_design<assign_addresses>},
    Pass{"assign-locks", "numbers the locks of every tile", on_design<assign_locks>},
    Pass{"assign-descriptors", "numbers the descriptors of every tile",
         on_design<assign_descriptors>},
    Pass{"assign-shim", "gives host transfers their channels and descriptors",
         on_design<assign_shim>},
    Pass{"route", "finds a way through the switches for every flow", on_design<route>},
    Pass{"emit", "writes the registers and the host sequence", emit},
};

}  // namespace

std::span<const Pass> lowering_passes() {
  return kPasses;
}

Lowered lower(Design design, const Hooks& hooks) {
  const auto named = [&](const Pass& pass) { return pass.name == hooks.stop_after; };
  if (!hooks.stop_after.empty() && std::none_of(kPasses.begin(), kPasses.end(), named))
    throw Error("unknown pass `{}`", hooks.stop_after);
  Lowered lowered{.design = std::move(design)};
  Stage stage = Stage::Written;
  verify(lowered.design, stage);
  for (const Pass& pass : kPasses) {
    pass.run(lowered);
    if (pass.name == kFits)
      stage = Stage::Fitted;
    verify(lowered.design, stage);
    if (hooks.after)
      hooks.after(pass.name, lowered.design);
    if (named(pass))
      break;
  }
  return lowered;
}

}  // namespace npu::compiler
