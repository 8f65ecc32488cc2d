// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/text_log.h"

#include <istream>
#include <ostream>
#include <string>

#include "hw-model/arch/error.h"
#include "hw-model/observe/event_text.h"

namespace npu::observe {

void TextLog::on(const Event& event) {
  TextLine line;
  append(line, event);
  line.append('\n');
  out_.write(line.view().data(), static_cast<std::streamsize>(line.view().size()));
}

void TextLog::finish(Cycle cycle) {
  out_ << "# finished at " << cycle << '\n' << std::flush;
}

std::vector<Event> read_text_log(std::istream& in) {
  std::vector<Event> events;
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line.front() == '#')
      continue;
    try {
      events.push_back(parse_event(line));
    } catch (const Error& error) {
      throw Error("line {}: {}", number, error.what()).hint("{}", error.hint());
    }
  }
  return events;
}

}  // namespace npu::observe
