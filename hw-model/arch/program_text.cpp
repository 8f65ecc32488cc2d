// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "hw-model/arch/error.h"
#include "hw-model/arch/program.h"

// Core programs as assembly text:
//
//   kernel matmul bf16 bf16 f32 64x64x64
//     const r1, 458752
//   l1:
//     acquire 48, -1
//     call 0, r1, 3
//     release 49, 1
//     jump l1

namespace npu::arch {

namespace {

bool branches(const Instruction& instruction) {
  return ops()[static_cast<size_t>(instruction.op)].operands.find('t') != std::string_view::npos;
}

std::string operand_text(const Instruction& instruction, char operand) {
  switch (operand) {
    case 'd':
      return fmt::format("r{}", instruction.dst);
    case 'a':
      return fmt::format("r{}", instruction.a);
    case 'b':
      return fmt::format("r{}", instruction.b);
    case 't':
      return fmt::format("l{}", instruction.imm);
    case 'l':
      return std::to_string(instruction.a);
    case 'n':
      return std::to_string(instruction.b);
    case 'y':
      return std::string(to_string(static_cast<Type>(instruction.b)));
    default:  // i, k
      return std::to_string(instruction.imm);
  }
}

std::string line_of(const Instruction& instruction) {
  std::string line = fmt::format("  {}", to_string(instruction.op));
  if (instruction.type != Type::I32)
    line += fmt::format(".{}", to_string(instruction.type));
  std::string_view separator = " ";
  for (const char operand : ops()[static_cast<size_t>(instruction.op)].operands) {
    line += separator;
    line += operand_text(instruction, operand);
    separator = ", ";
  }
  return line + '\n';
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// Reads a program line by line; labels are resolved at the end.
class Parser {
 public:
  Program parse(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      parse_line(trim(text.substr(0, std::min(end, text.find(';')))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (const Use& use : uses_)
      resolve(use);
    check();
    return std::move(program_);
  }

 private:
  struct Use {
    size_t instruction;
    std::string label;
  };

  template <typename... Args>
  Error error(fmt::format_string<Args...> text, Args&&... args) const {
    return Error("core program, line {}: {}", line_,
                 fmt::format(text, std::forward<Args>(args)...));
  }

  void parse_line(std::string_view line) {
    constexpr std::string_view kKernel = "kernel ";
    if (line.empty())
      return;
    if (line.starts_with(kKernel)) {
      program_.kernels.push_back(kernel(line.substr(kKernel.size())));
    } else if (line.back() == ':') {
      if (!labels_.emplace(line.substr(0, line.size() - 1), program_.code.size()).second)
        throw error("label `{}` is there twice", line.substr(0, line.size() - 1));
    } else {
      parse_instruction(line);
    }
  }

  KernelSpec kernel(std::string_view text) const {
    try {
      return parse_kernel(text);
    } catch (const Error& wrong) {
      throw error("{}", wrong.what()).hint("{}", wrong.hint());
    }
  }

  void parse_instruction(std::string_view line) {
    const size_t name_end = std::min(line.find_first_of(" \t"), line.size());
    std::string_view name = line.substr(0, name_end);
    Instruction instruction;
    if (const size_t dot = name.find('.'); dot != name.npos) {
      instruction.type = type(name.substr(dot + 1));
      name = name.substr(0, dot);
    }
    const auto row = std::ranges::find(ops(), name, &OpRow::name);
    if (row == ops().end())
      throw error("there is no instruction `{}`", name);
    instruction.op = row->op;
    std::string_view rest = line.substr(name_end);
    for (const char operand : row->operands) {
      const size_t comma = std::min(rest.find(','), rest.size());
      parse_operand(instruction, operand, trim(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (!trim(rest).empty())
      throw error("`{}` is too much for `{}`", trim(rest), name);
    lines_.push_back(line_);
    program_.code.push_back(instruction);
  }

  void parse_operand(Instruction& instruction, char operand, std::string_view text) {
    switch (operand) {
      case 'd':
        instruction.dst = reg(text);
        break;
      case 'a':
        instruction.a = reg(text);
        break;
      case 'b':
        instruction.b = reg(text);
        break;
      case 't':
        uses_.push_back({program_.code.size(), std::string(text)});
        break;
      case 'l':
        instruction.a = static_cast<uint8_t>(in_range(text, 0, kProgramRegisters - 1));
        break;
      case 'n':
        instruction.b = static_cast<uint8_t>(in_range(text, 0, kProgramRegisters - 1));
        break;
      case 'y':
        instruction.b = static_cast<uint8_t>(type(text));
        break;
      default:  // i, k
        instruction.imm = static_cast<int32_t>(in_range(text, INT32_MIN, INT32_MAX));
        break;
    }
  }

  Type type(std::string_view text) const {
    if (const auto found = type_named(text))
      return *found;
    throw error("`{}` is not an element type", text).hint("bf16, f32, i8, i16, i32, i64, f16");
  }

  uint8_t reg(std::string_view text) const {
    if (!text.starts_with('r'))
      throw error("`{}` is not a register", text).hint("r0 to r{}", kProgramRegisters - 1);
    return static_cast<uint8_t>(in_range(text.substr(1), 0, kProgramRegisters - 1));
  }

  int64_t in_range(std::string_view text, int64_t lowest, int64_t highest) const {
    const std::optional<int64_t> value = number(text);
    if (!value || *value < lowest || *value > highest)
      throw error("`{}` is not a number here", text).hint("{} to {}", lowest, highest);
    return *value;
  }

  void resolve(const Use& use) {
    line_ = lines_[use.instruction];
    const auto label = labels_.find(use.label);
    if (label == labels_.end())
      throw error("there is no label `{}`", use.label);
    program_.code[use.instruction].imm = static_cast<int32_t>(label->second);
  }

  void check() {
    for (size_t i = 0; i < program_.code.size(); ++i) {
      line_ = lines_[i];
      if (const auto fault =
              fault_of(program_.code[i], program_.code.size(), program_.kernels.size()))
        throw error("{}", *fault);
    }
  }

  Program program_;
  std::map<std::string, size_t, std::less<>> labels_;
  std::vector<Use> uses_;
  std::vector<int> lines_;  ///< of each instruction
  int line_ = 0;
};

}  // namespace

std::string print(const Program& program) {
  std::set<int32_t> targets;
  for (const Instruction& instruction : program.code)
    if (branches(instruction))
      targets.insert(instruction.imm);
  std::string text;
  for (const KernelSpec& kernel : program.kernels)
    text += fmt::format("kernel {}\n", to_string(kernel));
  for (size_t i = 0; i < program.code.size(); ++i) {
    if (targets.contains(static_cast<int32_t>(i)))
      text += fmt::format("l{}:\n", i);
    text += line_of(program.code[i]);
  }
  return text;
}

Program parse_program(std::string_view text) {
  return Parser().parse(text);
}

}  // namespace npu::arch
