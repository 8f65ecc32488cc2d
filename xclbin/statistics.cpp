// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/statistics.h"

#include "xclbin/txn.h"

namespace npu::xclbin {

Statistics statistics_of_txn(View txn) {
  Statistics statistics;
  for_each_op(txn, [&](const TxnOpView& op) {
    ++statistics.operations[std::string(op.row.name)];
    if (op.row.data)
      statistics.data_words += op.data().size();
  });
  return statistics;
}

Statistics statistics_of(const Cdo& cdo) {
  Statistics statistics;
  for (const CdoCommand& command : cdo.commands) {
    const CdoOpRow* row = find_cdo_op(command.code);
    ++statistics.operations[row ? std::string(row->name)
                                : fmt::format("command {:#x}", static_cast<int>(command.code))];
    if (command.code == CdoCode::DmaWrite)
      statistics.data_words += command.payload.size() - row->words;
  }
  return statistics;
}

std::string to_string(const Statistics& statistics) {
  std::string text;
  for (const auto& [name, count] : statistics.operations)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  return text + fmt::format("; {} words of data", statistics.data_words);
}

Json to_json(const Statistics& statistics) {
  return {{"operations", statistics.operations}, {"data_words", statistics.data_words}};
}

}  // namespace npu::xclbin
