// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>

#include "xclbin/cdo.h"
#include "xclbin/json.h"

namespace npu::xclbin {

/// How often each operation occurs, and how many words of data there are in all.
struct Statistics {
  std::map<std::string, size_t> operations;
  size_t data_words = 0;
  bool operator==(const Statistics&) const = default;
};

Statistics statistics_of_txn(View txn);
Statistics statistics_of(const Cdo& cdo);

/// `block_write 54, write 60; 1200 words of data`
std::string to_string(const Statistics& statistics);
Json to_json(const Statistics& statistics);

}  // namespace npu::xclbin
