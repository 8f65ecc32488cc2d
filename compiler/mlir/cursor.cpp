// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/mlir/cursor.h"

#include <string>

namespace npu::compiler::mlir {

namespace {
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool continues_word(char c) {
  return is_letter(c) || is_digit(c) || c == '$' || c == '.';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
}  // namespace

void Cursor::skip() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
      const size_t end = text_.find('\n', at_);
      at_ = end == std::string_view::npos ? text_.size() : end;
    } else {
      return;
    }
  }
}

char Cursor::peek() {
  skip();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Cursor::miss(std::string_view expected) {
  skip();
  if (at_ >= furthest_) {
    furthest_ = at_;
    expected_ = expected;
  }
  return false;
}

bool Cursor::accept(char c) {
  if (peek() != c || c == 0)
    return false;
  ++at_;
  return true;
}

bool Cursor::accept(std::string_view literal) {
  size_t i = 0;
  while (true) {
    while (i < literal.size() && literal[i] == ' ')
      ++i;
    if (i == literal.size())
      return true;
    size_t length = 1;
    if (continues_word(literal[i]))
      while (i + length < literal.size() && continues_word(literal[i + length]))
        ++length;
    else if (literal.substr(i, 2) == "->")
      length = 2;
    const std::string_view piece = literal.substr(i, length);
    skip();
    const bool whole = !continues_word(piece.back()) || at_ + length >= text_.size() ||
                       !continues_word(text_[at_ + length]);
    if (text_.substr(at_, length) != piece || !whole)
      return miss(piece);
    at_ += length;
    i += length;
  }
}

bool Cursor::identifier() {
  if (at_ >= text_.size() || !is_letter(text_[at_]))
    return false;
  while (at_ < text_.size() && continues_word(text_[at_]))
    ++at_;
  return true;
}

bool Cursor::word() {
  skip();
  return identifier() || miss("a word");
}

bool Cursor::value() {
  if (peek() != '%')
    return miss("a value");
  const size_t begin = ++at_;
  while (at_ < text_.size() && (continues_word(text_[at_]) || text_[at_] == '-'))
    ++at_;
  if (at_ == begin)
    return miss("the name of a value");
  if (at_ + 1 < text_.size() && text_[at_] == '#' && is_digit(text_[at_ + 1]))
    for (++at_; at_ < text_.size() && is_digit(text_[at_]);)
      ++at_;
  return true;
}

bool Cursor::block() {
  if (peek() != '^')
    return miss("a block");
  ++at_;
  while (at_ < text_.size() && continues_word(text_[at_]))
    ++at_;
  return true;
}

bool Cursor::symbol() {
  do {
    if (peek() != '@')
      return miss("a symbol");
    ++at_;
    if (at_ < text_.size() && text_[at_] == '"' ? !string() : !identifier())
      return miss("the name of a symbol");
  } while (text_.substr(at_, 3) == "::@" && (at_ += 2));
  return true;
}

bool Cursor::string() {
  if (peek() != '"')
    return miss("a string");
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"')
    end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size())
    return miss("the end of this string");
  at_ = end + 1;
  return true;
}

bool Cursor::integer() {
  skip();
  const size_t begin = at_;
  if (at_ < text_.size() && text_[at_] == '-')
    ++at_;
  const size_t digits = at_;
  const bool hex = text_.substr(at_, 2) == "0x";
  at_ += hex ? 2 : 0;
  while (at_ < text_.size() && (hex ? is_hex(text_[at_]) : is_digit(text_[at_])))
    ++at_;
  if (at_ > digits)
    return true;
  at_ = begin;
  return miss("a number");
}

bool Cursor::number() {
  if (!integer())
    return false;
  if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1]))
    for (++at_; at_ < text_.size() && is_digit(text_[at_]);)
      ++at_;
  else if (at_ < text_.size() && text_[at_] == '.')
    ++at_;
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    size_t end = at_ + 1;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-'))
      ++end;
    if (end < text_.size() && is_digit(text_[end]))
      for (at_ = end; at_ < text_.size() && is_digit(text_[at_]);)
        ++at_;
  }
  return true;
}

bool Cursor::balanced() {
  skip();
  const size_t begin = at_;
  std::string open;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const std::string_view two = text_.substr(at_, 2);
    if (c == '"') {
      if (!string())
        return false;
      continue;
    }
    if (two == "//") {
      skip();
      continue;
    }
    if (two == "->" || two == ">=" || two == "<=") {
      at_ += 2;
      continue;
    }
    ++at_;
    if (c == '(' || c == '[' || c == '{' || c == '<') {
      open += c == '(' ? ')' : static_cast<char>(c + 2);
    } else if (c == ')' || c == ']' || c == '}' || c == '>') {
      if (open.empty() || open.back() != c) {
        --at_;
        return miss("the bracket that closes what is open here");
      }
      open.pop_back();
      if (open.empty())
        return true;
    } else if (open.empty()) {
      break;
    }
  }
  at_ = begin;
  return miss(open.empty() ? "a bracket" : "the end of what is opened here");
}

bool Cursor::angled() {
  return at_ >= text_.size() || text_[at_] != '<' || balanced();
}

bool Cursor::type() {
  char c = peek();
  while (c == '(') {
    if (!balanced() || !accept("->"))
      return false;
    c = peek();
    if (c == '(')
      return balanced();
  }
  const size_t begin = at_;
  at_ += c == '!' ? 1 : 0;
  if (!identifier()) {
    at_ = begin;
    return miss("a type");
  }
  return angled();
}

bool Cursor::attribute() {
  const char c = peek();
  switch (c) {
    case '"':
      return string();
    case '@':
      return symbol();
    case '[':
    case '<':
      return balanced();
    case '{':
      return dictionary();
    case '(':
    case '!':
      return type();
    case '#':
      ++at_;
      return identifier() ? angled() : miss("the name of an attribute");
    default:
      break;
  }
  if (c == '-' || is_digit(c))
    return number();
  if (!identifier())
    return miss("an attribute");
  return angled();
}

bool Cursor::typed_attribute() {
  if (!attribute())
    return false;
  const size_t end = at_;
  if (accept(':'))
    return type();
  at_ = end;
  return true;
}

bool Cursor::dictionary() {
  const size_t begin = at_;
  const auto entries = [&] {
    if (accept('}'))
      return true;
    do {
      const bool named = peek() == '"' ? string() : word();
      if (!named || (accept('=') && !typed_attribute()))
        return false;
    } while (accept(','));
    return accept("}");
  };
  constexpr int kDeepest = 100;
  if (!accept('{') || depth_ == kDeepest)
    return miss("a dictionary");
  ++depth_;
  const bool read = entries();
  --depth_;
  if (!read)
    at_ = begin;
  return read;
}

void Cursor::location() {
  const size_t begin = at_;
  skip();
  if (text_.substr(at_, 4) == "loc(") {
    at_ += 3;
    if (balanced())
      return;
  }
  at_ = begin;
}

}  // namespace npu::compiler::mlir
