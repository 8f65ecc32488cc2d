// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/program.h"

#include <algorithm>

#include "hw-model/arch/error.h"
#include "hw-model/arch/register.h"

namespace npu::arch {

namespace {

// What the text of an instruction lists, in order: d a b registers; i imm; t target in imm; k
// kernel number in imm; l lock number in a; n plain number in b; y type in b.
// clang-format off
constexpr std::array<OpRow, static_cast<size_t>(Op::Count_)> kOps{{
    {Op::Done, "done", ""},
    {Op::Nop, "nop", ""},
    {Op::Acquire, "acquire", "li"},
    {Op::Release, "release", "li"},
    {Op::Call, "call", "kan"},
    {Op::Jump, "jump", "t"},
    {Op::BranchIf, "branch_if", "at"},
    {Op::BranchIfNot, "branch_if_not", "at"},
    {Op::Loop, "loop", "dt"},
    {Op::Const, "const", "di"},
    {Op::ConstHigh, "const_high", "di"},
    {Op::Move, "move", "da"},
    {Op::Add, "add", "dab"},
    {Op::Sub, "sub", "dab"},
    {Op::Mul, "mul", "dab"},
    {Op::Div, "div", "dab"},
    {Op::DivU, "div_u", "dab"},
    {Op::Rem, "rem", "dab"},
    {Op::RemU, "rem_u", "dab"},
    {Op::And, "and", "dab"},
    {Op::Or, "or", "dab"},
    {Op::Xor, "xor", "dab"},
    {Op::Shl, "shl", "dab"},
    {Op::Shr, "shr", "dab"},
    {Op::ShrU, "shr_u", "dab"},
    {Op::Min, "min", "dab"},
    {Op::Max, "max", "dab"},
    {Op::MinU, "min_u", "dab"},
    {Op::MaxU, "max_u", "dab"},
    {Op::AddImm, "add_imm", "dai"},
    {Op::FAdd, "fadd", "dab"},
    {Op::FSub, "fsub", "dab"},
    {Op::FMul, "fmul", "dab"},
    {Op::FDiv, "fdiv", "dab"},
    {Op::FMin, "fmin", "dab"},
    {Op::FMax, "fmax", "dab"},
    {Op::FNeg, "fneg", "da"},
    {Op::FAbs, "fabs", "da"},
    {Op::FSqrt, "fsqrt", "da"},
    {Op::FExp, "fexp", "da"},
    {Op::FRsqrt, "frsqrt", "da"},
    {Op::FTanh, "ftanh", "da"},
    {Op::FFma, "ffma", "dab"},
    {Op::CmpEq, "cmp_eq", "dab"},
    {Op::CmpNe, "cmp_ne", "dab"},
    {Op::CmpLt, "cmp_lt", "dab"},
    {Op::CmpLe, "cmp_le", "dab"},
    {Op::CmpLtU, "cmp_lt_u", "dab"},
    {Op::CmpLeU, "cmp_le_u", "dab"},
    {Op::FCmpEq, "fcmp_eq", "dab"},
    {Op::FCmpNe, "fcmp_ne", "dab"},
    {Op::FCmpLt, "fcmp_lt", "dab"},
    {Op::FCmpLe, "fcmp_le", "dab"},
    {Op::Select, "select", "dab"},
    {Op::Convert, "convert", "day"},
    {Op::Load, "load", "dai"},
    {Op::Store, "store", "dai"},
    {Op::StreamGet, "stream_get", "di"},
    {Op::StreamPut, "stream_put", "ian"},
    {Op::CascadeGet, "cascade_get", "a"},
    {Op::CascadePut, "cascade_put", "a"},
    {Op::Event, "event", "i"},
    {Op::FMinimum, "fminimum", "dab"},
    {Op::FMaximum, "fmaximum", "dab"},
}};
// clang-format on

constexpr bool in_order() {
  for (size_t i = 0; i < kOps.size(); ++i)
    if (kOps[i].op != static_cast<Op>(i))
      return false;
  return true;
}
static_assert(in_order());

constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderWords =
    5;  ///< magic, version, instructions, kernels, words of kernel texts

constexpr Bits kOp = bits(0, 7, 0);
constexpr Bits kType = bits(0, 11, 8);
constexpr Bits kB = bits(0, 17, 12);
constexpr Bits kDst = bits(0, 23, 18);
constexpr Bits kA = bits(0, 29, 24);
constexpr Bits kUnused = bits(0, 31, 30);

/// FNV-1a over the bytes of the words.
uint32_t checksum(std::span<const uint32_t> words) {
  uint32_t hash = 0x811C'9DC5;
  for (const uint32_t word : words)
    for (int shift = 0; shift < 32; shift += 8)
      hash = (hash ^ (word >> shift & 0xFF)) * 0x0100'0193;
  return hash;
}

/// Kernel texts: a word with the length, then the bytes, padded to words.
void append_text(std::vector<uint32_t>& words, std::string_view text) {
  words.push_back(static_cast<uint32_t>(text.size()));
  const size_t at = words.size();
  words.resize(at + (text.size() + 3) / 4);
  for (size_t i = 0; i < text.size(); ++i)
    words[at + i / 4] |= uint32_t{static_cast<uint8_t>(text[i])} << (i % 4 * 8);
}

/// Reads an image word by word; every error says at which word.
class Reader {
 public:
  explicit Reader(std::span<const uint32_t> image) : image_(image) {}

  uint32_t next() {
    if (at_ >= image_.size())
      throw Error("core program, word {}: the image ends here", at_).hint("a truncated image");
    return image_[at_++];
  }

  size_t at() const { return at_; }

  /// A kernel text that ends before word `end`.
  KernelSpec kernel(size_t end) {
    const size_t begin = at_;
    if (begin >= end)
      throw Error("core program, word {}: a kernel text is missing", begin);
    const uint32_t length = next();
    if (length > (end - at_) * 4)
      throw Error("core program, word {}: a kernel text of {} bytes leaves its section", begin,
                  length);
    std::string text(length, '\0');
    for (size_t i = 0; i < length; ++i)
      text[i] = static_cast<char>(image_[at_ + i / 4] >> (i % 4 * 8));
    at_ += (length + 3) / 4;
    for (const char c : text)
      if (c < ' ' || c > '~')
        throw Error("core program, word {}: a kernel text with the byte 0x{:02x}", begin,
                    static_cast<uint8_t>(c));
    try {
      return parse_kernel(text);
    } catch (const Error& error) {
      throw Error("core program, word {}: {}", begin, error.what());
    }
  }

 private:
  std::span<const uint32_t> image_;
  size_t at_ = 0;
};

Instruction unpack(uint32_t first, uint32_t second) {
  const std::array words{first};
  const auto field = [&](Bits b) { return static_cast<uint8_t>(get(words, b)); };
  return {static_cast<Op>(field(kOp)),
          static_cast<Type>(field(kType)),
          field(kDst),
          field(kA),
          field(kB),
          static_cast<int32_t>(second)};
}

uint32_t pack(const Instruction& instruction) {
  std::array<uint32_t, 1> word{};
  put(word, kOp, static_cast<int64_t>(instruction.op), "op");
  put(word, kType, static_cast<int64_t>(instruction.type), "type");
  put(word, kDst, instruction.dst, "dst");
  put(word, kA, instruction.a, "a");
  put(word, kB, instruction.b, "b");
  return word[0];
}

bool has(Op op, char operand) {
  return kOps[static_cast<size_t>(op)].operands.find(operand) != std::string_view::npos;
}

}  // namespace

std::span<const OpRow> ops() {
  return kOps;
}
std::string_view to_string(Op op) {
  return op < Op::Count_ ? kOps[static_cast<size_t>(op)].name : "unknown";
}

std::optional<std::string> fault_of(const Instruction& instruction, size_t instructions,
                                    size_t kernels) {
  const auto& [op, type, dst, a, b, imm] = instruction;
  if (op >= Op::Count_)
    return fmt::format("there is no op {}", static_cast<int>(op));
  if (static_cast<size_t>(type) >= kTypes.size())
    return fmt::format("there is no type {}", static_cast<int>(type));
  if (std::max({dst, a, b}) >= kProgramRegisters)
    return fmt::format("there is no register {}", std::max({dst, a, b}));
  if (has(op, 't') && (imm < 0 || static_cast<size_t>(imm) >= instructions))
    return fmt::format("a branch to instruction {} of {}", imm, instructions);
  if (has(op, 'k') && (imm < 0 || static_cast<size_t>(imm) >= kernels))
    return fmt::format("a call of kernel {} of {}", imm, kernels);
  if (op == Op::Call && a + b > kProgramRegisters)
    return fmt::format("{} arguments from register {} on", b, a);
  if (has(op, 'y') && b >= kTypes.size())
    return fmt::format("there is no type {}", b);
  return std::nullopt;
}

std::vector<uint32_t> encode(const Program& program) {
  std::vector<uint32_t> texts;
  for (const KernelSpec& kernel : program.kernels) {
    const std::string text = to_string(kernel);
    parse_kernel(text);  // what cannot be read back is refused here rather than in the core
    append_text(texts, text);
  }
  std::vector<uint32_t> image{kProgramMagic, kVersion, static_cast<uint32_t>(program.code.size()),
                              static_cast<uint32_t>(program.kernels.size()),
                              static_cast<uint32_t>(texts.size())};
  for (size_t i = 0; i < program.code.size(); ++i) {
    if (const auto fault = fault_of(program.code[i], program.code.size(), program.kernels.size()))
      throw Error("core program, instruction {}: {}", i, *fault);
    image.push_back(pack(program.code[i]));
    image.push_back(static_cast<uint32_t>(program.code[i].imm));
  }
  image.insert(image.end(), texts.begin(), texts.end());
  image.push_back(checksum(image));
  if (image.size() * 4 > kProgramMemoryBytes)
    throw Error("core program: {} bytes do not fit the program memory of {}", image.size() * 4,
                kProgramMemoryBytes)
        .hint("{} instructions, {} kernels", program.code.size(), program.kernels.size());
  return image;
}

std::optional<Program> decode(std::span<const uint32_t> image) {
  if (image.empty() || image[0] != kProgramMagic)
    return std::nullopt;
  Reader reader(image);
  reader.next();
  if (const uint32_t version = reader.next(); version != kVersion)
    throw Error("core program, word 1: version {}", version).hint("this is version {}", kVersion);
  const size_t instructions = reader.next();
  const size_t kernels = reader.next();
  const size_t text_words = reader.next();
  const size_t texts = kHeaderWords + 2 * instructions;
  const size_t end = texts + text_words;
  if (end >= image.size())
    throw Error("core program, word {}: the image ends here", image.size())
        .hint("{} instructions and {} words of kernel texts need {} words", instructions,
              text_words, end + 1);
  if (kernels > text_words)
    throw Error("core program, word 3: {} kernels in {} words of text", kernels, text_words);
  if (const uint32_t sum = checksum(image.first(end)); sum != image[end])
    throw Error("core program, word {}: check sum is {:#010x}, the words give {:#010x}", end,
                image[end], sum);

  Program program;
  for (size_t i = 0; i < instructions; ++i) {
    const size_t word = reader.at();
    const uint32_t first = reader.next();
    program.code.push_back(unpack(first, reader.next()));
    const std::array words{first};
    if (get(words, kUnused) != 0)
      throw Error("core program, word {}: bits 31 and 30 are set", word);
    if (const auto fault = fault_of(program.code.back(), instructions, kernels))
      throw Error("core program, word {}: {}", word, *fault);
  }
  for (size_t i = 0; i < kernels; ++i)
    program.kernels.push_back(reader.kernel(end));
  if (reader.at() != end)
    throw Error("core program, word {}: words left over after {} kernel texts", reader.at(),
                kernels);
  return program;
}

}  // namespace npu::arch
