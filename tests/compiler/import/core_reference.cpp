// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/compiler/import/core_reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace npu::compiler {

namespace {

int width_of(const std::string& type) {
  if (type == "index")
    return 64;
  return std::stoi(type.substr(type == "bf16" ? 2 : 1));
}

bool is_real(const std::string& type) {
  return type.find('f') != std::string::npos;
}

uint64_t cut(uint64_t value, int width) {
  return width == 64 ? value : value & ((uint64_t{1} << width) - 1);
}

int64_t as_signed(uint64_t value, int width) {
  const bool negative = value >> (width - 1) & 1;
  return static_cast<int64_t>(negative && width < 64 ? value - (uint64_t{1} << width) : value);
}

/// A float of 16 bits: how many of them are the fraction, and the exponent of the least number.
struct Narrow {
  int fraction;
  int least;
};
Narrow narrow(const std::string& type) {
  return type == "f16" ? Narrow{10, -24} : Narrow{7, -133};
}

float as_float(uint64_t bits, const std::string& type) {
  if (type == "f32")
    return std::bit_cast<float>(static_cast<uint32_t>(bits));
  const auto [fraction, least] = narrow(type);
  const auto size = static_cast<int>(bits & 0x7FFF);
  const int exponent = size >> fraction;
  const int significand = size & ((1 << fraction) - 1);
  float value = std::ldexp(static_cast<float>(significand), least);
  if (exponent == (1 << (15 - fraction)) - 1)
    value =
        std::bit_cast<float>(0x7F800000U | static_cast<uint32_t>(significand) << (23 - fraction));
  else if (exponent > 0)
    value = std::ldexp(static_cast<float>(significand + (1 << fraction)), least + exponent - 1);
  return std::copysign(value, bits >> 15 != 0 ? -1.0F : 1.0F);
}

/// The nearest number of the type, of two the even one.
uint64_t from_float(long double value, const std::string& type) {
  const auto single = static_cast<float>(value);
  const auto bits = std::bit_cast<uint32_t>(single);
  if (type == "f32")
    return bits;
  const auto [fraction, least] = narrow(type);
  const uint32_t sign = bits >> 31 << 15;
  const uint32_t infinity = 0x7FFFU >> fraction << fraction;
  if (std::isnan(value))
    return sign | infinity | 1U << (fraction - 1) | (bits & 0x7FFFFF) >> (23 - fraction);
  // Patterns without sign are in the order of their numbers; the one of infinity ends them.
  const auto number = [&](uint32_t pattern) -> long double {
    return pattern == infinity ? 2.0L * as_float(infinity - (1U << fraction), type)
                               : as_float(pattern, type);
  };
  const long double size = std::fabs(value);
  uint32_t above = 0;
  for (uint32_t step = 0x4000; step > 0; step /= 2)
    if (above + step <= infinity && number(above + step - 1) < size)
      above += step;
  if (number(above) <= size || above == 0)
    return sign | above;
  const long double from_below = size - number(above - 1);
  const long double from_above = number(above) - size;
  const bool down = from_below < from_above || (from_below == from_above && above % 2 == 1);
  return sign | (down ? above - 1 : above);
}

std::string attribute(const mlir::Op& op, const char* name) {
  return op.attribute(name)->text;
}

std::string element_of(const std::string& memref) {
  return memref.substr(memref.rfind('x') + 1, memref.size() - memref.rfind('x') - 2);
}

bool compare_integers(const std::string& how, uint64_t a, uint64_t b, int width) {
  const int64_t x = as_signed(a, width);
  const int64_t y = as_signed(b, width);
  return how == "eq"    ? a == b
         : how == "ne"  ? a != b
         : how == "slt" ? x < y
         : how == "sle" ? x <= y
         : how == "sgt" ? x > y
         : how == "sge" ? x >= y
         : how == "ult" ? a < b
         : how == "ule" ? a <= b
         : how == "ugt" ? a > b
                        : a >= b;
}

bool compare_floats(const std::string& how, float a, float b) {
  const bool unordered = std::isnan(a) || std::isnan(b);
  if (how == "ord" || how == "uno")
    return unordered == (how == "uno");
  const std::string order = how.substr(1);
  const bool holds = order == "eq"   ? a == b
                     : order == "ne" ? a != b
                     : order == "lt" ? a < b
                     : order == "le" ? a <= b
                     : order == "gt" ? a > b
                                     : a >= b;
  return how[0] == 'u' ? unordered || holds : !unordered && holds;
}

uint64_t integers(const std::string& name, uint64_t a, uint64_t b, int width) {
  const int64_t x = as_signed(a, width);
  const int64_t y = as_signed(b, width);
  const auto signed_result = [](int64_t value) { return static_cast<uint64_t>(value); };
  const auto floor = [](int64_t p, int64_t q) {
    const int64_t quotient = p / q;
    return quotient * q != p && (p < 0) != (q < 0) ? quotient - 1 : quotient;
  };
  if (name == "addi")
    return a + b;
  if (name == "subi")
    return a - b;
  if (name == "muli")
    return a * b;
  if (name == "andi")
    return a & b;
  if (name == "ori")
    return a | b;
  if (name == "xori")
    return a ^ b;
  if (name == "shli")
    return a << b;
  if (name == "shrui")
    return a >> b;
  if (name == "shrsi")
    return signed_result(x >> b);
  if (name == "divui")
    return a / b;
  if (name == "remui")
    return a % b;
  if (name == "ceildivui")
    return a / b + (a % b != 0);
  if (name == "divsi")
    return signed_result(x / y);
  if (name == "remsi")
    return signed_result(x % y);
  if (name == "floordivsi")
    return signed_result(floor(x, y));
  if (name == "ceildivsi")
    return signed_result(floor(x, y) + (x % y != 0));
  if (name == "minsi")
    return signed_result(std::min(x, y));
  if (name == "maxsi")
    return signed_result(std::max(x, y));
  if (name == "minui")
    return std::min(a, b);
  if (name == "maxui")
    return std::max(a, b);
  throw std::runtime_error("no reference of " + name);
}

float floats(const std::string& name, float a, float b) {
  if (name == "addf")
    return a + b;
  if (name == "subf")
    return a - b;
  if (name == "mulf")
    return a * b;
  if (name == "divf")
    return a / b;
  const bool larger = name.starts_with("max");
  if (std::isnan(a) || std::isnan(b)) {
    if (name.ends_with("imumf"))
      return a + b;
    return std::isnan(a) ? b : a;
  }
  if (name == "maximumf" || name == "minimumf" || name == "maxnumf" || name == "minnumf")
    return a == b ? (std::signbit(a) == larger ? b : a) : (a > b) == larger ? a : b;
  throw std::runtime_error("no reference of " + name);
}

/// Towards zero; what does not fit is the nearest that does, a NaN 0.
uint64_t to_integer(float value, int width, bool is_unsigned) {
  const long double low = is_unsigned ? 0 : -std::ldexp(1.0L, width - 1);
  const long double high = std::ldexp(1.0L, is_unsigned ? width : width - 1) - 1;
  if (std::isnan(value))
    return 0;
  const long double whole = std::clamp(std::trunc(static_cast<long double>(value)), low, high);
  return is_unsigned ? static_cast<uint64_t>(whole)
                     : cut(static_cast<uint64_t>(static_cast<int64_t>(whole)), width);
}

uint64_t conversion(const std::string& name, uint64_t in, const std::string& from,
                    const std::string& to) {
  if (name == "extsi" || (name == "index_cast" && width_of(to) > width_of(from)))
    return cut(static_cast<uint64_t>(as_signed(in, width_of(from))), width_of(to));
  if (name == "extui" || name == "trunci" || name == "index_cast" || name == "index_castui")
    return cut(in, width_of(to));
  if (name == "sitofp")
    return from_float(as_signed(in, width_of(from)), to);
  if (name == "uitofp")
    return from_float(in, to);
  if (name == "extf" || name == "truncf")
    return from_float(as_float(in, from), to);
  if (name == "negf")
    return in ^ uint64_t { 1 } << (width_of(from) - 1);
  if (name == "fptosi" || name == "fptoui")
    return to_integer(as_float(in, from), width_of(to), name == "fptoui");
  if (name == "bitcast")
    return in;
  throw std::runtime_error("no reference of " + name);
}

}  // namespace

std::vector<uint64_t> CoreReference::run(const mlir::Region& region,
                                         const std::vector<uint64_t>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i)
    values_[region[0].arguments[i].id] = arguments[i];
  for (const mlir::Op& op : region[0].ops) {
    if (op.name != "scf.yield" && op.name != "aie.end") {
      step(op);
      continue;
    }
    std::vector<uint64_t> passed;
    for (size_t i = 0; i < op.operands.size(); ++i)
      passed.push_back(value(op, i));
    return passed;
  }
  return {};
}

void CoreReference::step_for(const mlir::Op& op) {
  std::vector<uint64_t> passed;
  for (size_t i = 3; i < op.operands.size(); ++i)
    passed.push_back(value(op, i));
  for (auto i = static_cast<int64_t>(value(op, 0)); i < static_cast<int64_t>(value(op, 1));
       i += static_cast<int64_t>(value(op, 2))) {
    std::vector<uint64_t> arguments{static_cast<uint64_t>(i)};
    arguments.insert(arguments.end(), passed.begin(), passed.end());
    passed = run(op.regions[0], arguments);
  }
  for (size_t i = 0; i < op.results.size(); ++i)
    values_[op.results[i].id] = passed[i];
}

void CoreReference::step(const mlir::Op& op) {
  if (op.name == "scf.for")
    return step_for(op);
  if (op.name == "scf.if") {
    const bool taken = value(op, 0) != 0;
    const auto passed = op.regions.size() > 1 || taken ? run(op.regions[taken ? 0 : 1], {})
                                                       : std::vector<uint64_t>{};
    for (size_t i = 0; i < op.results.size(); ++i)
      values_[op.results[i].id] = passed[i];
    return;
  }
  const bool loads = op.name == "memref.load";
  if (loads || op.name == "memref.store") {
    const mlir::Value& buffer = op.operands[loads ? 0 : 1];
    const auto bytes = static_cast<size_t>(width_of(element_of(buffer.type)) + 7) / 8;
    std::byte* place = &memory.at(buffer.id)[value(op, loads ? 1 : 2) * bytes];
    uint64_t word = loads ? 0 : value(op, 0);
    std::memcpy(loads ? static_cast<void*>(&word) : place,
                loads ? place : static_cast<void*>(&word), bytes);
    if (loads)
      values_[op.results[0].id] = word;
    return;
  }
  values_[op.results.at(0).id] = arithmetic(op);
}

uint64_t CoreReference::arithmetic(const mlir::Op& op) {
  const std::string name = op.name.substr(op.name.find('.') + 1);
  const std::string& to = op.results[0].type;
  if (name == "constant") {
    const std::string text = attribute(op, "value");
    if (to == "i1")
      return text.starts_with("true") || text.starts_with("1");
    const std::string number = text.substr(0, text.find(' '));
    return is_real(to) ? from_float(std::stof(number), to)
                       : cut(static_cast<uint64_t>(std::stoll(number)), width_of(to));
  }
  if (name == "select")
    return value(op, 0) != 0 ? value(op, 1) : value(op, 2);
  const std::string& type = op.operands[0].type;
  if (op.operands.size() == 1)
    return conversion(name, value(op, 0), type, to);
  const uint64_t a = value(op, 0);
  const uint64_t b = value(op, 1);
  if (name == "cmpi")
    return compare_integers(attribute(op, "predicate"), a, b, width_of(type));
  if (name == "cmpf")
    return compare_floats(attribute(op, "predicate"), as_float(a, type), as_float(b, type));
  if (is_real(type))
    return from_float(floats(name, as_float(a, type), as_float(b, type)), type);
  return cut(integers(name, a, b, width_of(type)), width_of(type));
}

}  // namespace npu::compiler
