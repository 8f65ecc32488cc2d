// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "xclbin/file.h"

namespace npu::cli {

/// The first bytes of a file, enough to tell what it is. Throws Error with the path.
xclbin::Bytes head_of(const std::string& path);

/// `out.xclbin` with a word before its ending: `out.2.xclbin`.
std::string marked_path(const std::string& path, const std::string& word);

/// What `action` gives; its errors get `where` in front.
template <typename Action>
auto in_words(const std::string& where, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error("{}: {}", where, error.what()).hint("{}", error.hint());
  }
}

/// What `read` makes of a file's bytes; its errors get the path in front.
template <typename Read>
auto in_file(const std::string& path, Read read) {
  const xclbin::Bytes bytes = xclbin::read_file(path);
  return in_words(path, [&] { return read(xclbin::View(bytes)); });
}

}  // namespace npu::cli
