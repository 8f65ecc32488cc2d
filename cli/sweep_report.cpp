// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_report.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/markup.h"
#include "cli/version.h"

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

/// How an outcome looks, by RowEnd.
struct Look {
  std::string_view escape;  ///< on a terminal
  std::string_view colour;  ///< on a page
  std::string_view sign;    ///< in Markdown, which has no colours
};
constexpr std::array<Look, kRowEnds.size()> kLooks{{{"32", "#d7f2d9", "🟢"},
                                                    {"35", "#f3d9fa", "🟣"},
                                                    {"31", "#ffd8d6", "🔴"},
                                                    {"33", "#fff0c2", "🟡"},
                                                    {"36", "#d5ecff", "🔵"},
                                                    {"35;1", "#e6dcd0", "🟤"},
                                                    {"36", "#d5ecff", "🔵"},
                                                    {"31;1", "#d9d9d9", "⚫"}}};
const Look& look_of(RowEnd end) {
  return kLooks[static_cast<size_t>(end)];
}

bool has_cycles(const RowResult& result) {
  return result.end != RowEnd::Refused && result.end != RowEnd::Order &&
         result.end != RowEnd::Timeout && result.end != RowEnd::Crash;
}
std::string cycles_text(const RowResult& result) {
  return has_cycles(result) ? fmt::format("{}", result.cycles) : "-";
}

std::string expected_text(const Expectation& e) {
  std::string text(e.end ? to_string(*e.end) : "an end");
  return e.text.empty() ? text : fmt::format("{} with `{}`", text, e.text);
}

std::string counts_text(const SweepReport& report) {
  std::array<size_t, kRowEnds.size()> counts{};
  for (const SweepLine& line : report.lines)
    ++counts[static_cast<size_t>(line.result.end)];
  std::string text =
      fmt::format("{} row{}", report.lines.size(), report.lines.size() == 1 ? "" : "s");
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0)
      text += fmt::format(", {} {}", counts[i], kRowEnds[i]);
  return text;
}

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|')
      out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string markdown(const SweepReport& report) {
  std::string text = "| run | outcome | cycles | cause |\n|---|---|---:|---|\n";
  for (const SweepLine& line : report.lines)
    text += fmt::format("| {} | {} {}{} | {} | {} |\n", markdown_cell(line.row->label),
                        look_of(line.result.end).sign, to_string(line.result.end),
                        line.as_expected() ? "" : " (not expected)", cycles_text(line.result),
                        markdown_cell(line.result.cause));
  return text;
}

constexpr std::string_view kStyle = R"(
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em;
       color: #1b1f24; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #c8ccd1; padding: .3em .6em; text-align: left; vertical-align: top }
th { background: #f3f4f6 }
td:first-child { white-space: nowrap }
td.n { text-align: right; font-variant-numeric: tabular-nums }
td.u { outline: 2px solid #c00000; outline-offset: -2px }
pre, textarea { font: 12px/1.4 ui-monospace, monospace; white-space: pre-wrap; width: 100% }
summary { cursor: pointer }
)";

std::string html_row(const SweepLine& line) {
  const RowResult& r = line.result;
  std::string cause = escaped(r.cause);
  if (!r.detail.empty())
    cause = fmt::format("<details><summary>{}</summary><pre>{}</pre></details>", cause,
                        escaped(r.detail));
  const bool met = line.as_expected();
  return fmt::format(
      "<tr><td>{}</td><td style=\"background:{}\"{}>{}{}</td><td class=\"n\">{}</td><td>{}</td>"
      "</tr>\n",
      escaped(line.row->label), look_of(r.end).colour, met ? "" : " class=\"u\"", to_string(r.end),
      met ? "" : fmt::format(", expected {}", escaped(expected_text(line.row->expect))),
      cycles_text(r), cause);
}

/// The verdict of the whole.
std::string verdict(const SweepReport& report) {
  const auto unexpected = std::ranges::count_if(
      report.lines, [](const SweepLine& line) { return !line.as_expected(); });
  std::string text = report.stopped ? "stopped before the last row; " : "";
  text += unexpected == 0 ? "all as expected" : fmt::format("{} not as expected", unexpected);
  for (const auto& [end, count] : report.wrong_counts())
    text += "; " + count;
  return text;
}

}  // namespace

std::map<RowEnd, std::string> SweepReport::wrong_counts() const {
  std::map<RowEnd, std::string> wrong;
  for (const auto& [end, wanted] : sweep.counts) {
    const auto there = std::ranges::count_if(
        lines, [end = end](const SweepLine& line) { return line.result.end == end; });
    if (whole && there != wanted)
      wrong[end] = fmt::format("{} {} instead of {}", there, to_string(end), wanted);
  }
  return wrong;
}

bool SweepReport::as_expected() const {
  return std::ranges::all_of(lines, &SweepLine::as_expected) && wrong_counts().empty();
}

std::string table_line(const SweepLine& line, size_t label_width, bool colour) {
  const RowResult& r = line.result;
  std::string end = fmt::format("{:<7}", to_string(r.end));
  if (colour)
    end = fmt::format("\033[{}m{}\033[0m", look_of(r.end).escape, end);
  std::string text =
      fmt::format("{:<{}}  {} {:>12}", line.row->label, label_width, end, cycles_text(r));
  if (!line.as_expected())
    text += fmt::format("  not as expected ({})", expected_text(line.row->expect));
  if (!r.cause.empty())
    text += "  " + r.cause;
  else if (line.row->traffic)
    text += "  " + r.traffic;
  std::ranges::replace(text, '\n', ' ');
  return text + "\n";
}

std::string summary(const SweepReport& report) {
  return fmt::format("{}: {} ({:.1f} s)\n", counts_text(report), verdict(report), report.seconds);
}

std::string sweep_json(const SweepReport& report) {
  ordered_json rows = ordered_json::array();
  for (const SweepLine& line : report.lines) {
    ordered_json row{{"label", line.row->label}};
    row.update(ordered_json::parse(to_json(line.result)));
    row["expected"] =
        line.row->expect.end ? ordered_json(to_string(*line.row->expect.end)) : nullptr;
    row["as_expected"] = line.as_expected();
    rows.push_back(std::move(row));
  }
  ordered_json counts = ordered_json::array();
  for (const auto& [end, text] : report.wrong_counts())
    counts.push_back(text);
  return ordered_json{{"tool", fmt::format("airlock {}", kVersion)},
                      {"sweep", report.sweep.name},
                      {"title", report.sweep.title},
                      {"whole", report.whole},
                      {"as_expected", report.as_expected()},
                      {"wrong_counts", std::move(counts)},
                      {"seconds", report.seconds},
                      {"rows", std::move(rows)}}
             .dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

std::string sweep_junit(const SweepReport& report) {
  const auto failed = [](const SweepLine& line) { return !line.as_expected(); };
  const std::map<RowEnd, std::string> counts = report.wrong_counts();
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n",
      escaped(report.sweep.name), report.lines.size() + report.sweep.counts.size(),
      static_cast<size_t>(std::ranges::count_if(report.lines, failed)) + counts.size(),
      report.seconds);
  const auto test = [&](const std::string& name, double seconds, const std::string& failure,
                        const std::string& output) {
    text += fmt::format("<testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">",
                        escaped(report.sweep.name), escaped(name), seconds);
    if (!failure.empty())
      text += fmt::format("<failure message=\"{}\"/>", escaped(failure));
    if (!output.empty())
      text += fmt::format("<system-out>{}</system-out>", escaped(output));
    text += "</testcase>\n";
  };
  for (const SweepLine& line : report.lines)
    test(line.row->label, line.result.seconds,
         line.as_expected() ? ""
                            : fmt::format("{}, expected {}: {}", to_string(line.result.end),
                                          expected_text(line.row->expect), line.result.cause),
         line.result.cause.empty() ? "" : line.result.cause + "\n" + line.result.detail);
  for (const auto& [end, wanted] : report.sweep.counts) {
    const auto wrong = counts.find(end);
    test(fmt::format("{} rows end as {}", wanted, to_string(end)), 0,
         wrong == counts.end() ? "" : wrong->second, "");
  }
  return text + "</testsuite>\n";
}

std::string sweep_html(const SweepReport& report) {
  const std::string title = report.sweep.title.empty() ? report.sweep.name : report.sweep.title;
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<style>{1}</style></head><body>\n<h1>{0}</h1>\n<p>{2}: {3}. airlock {4}.</p>\n<table>\n"
      "<tr><th>run</th><th>outcome</th><th>cycles</th><th>cause</th></tr>\n",
      escaped(title), kStyle, counts_text(report), escaped(verdict(report)), kVersion);
  for (const SweepLine& line : report.lines)
    text += html_row(line);
  return text + fmt::format(
                    "</table>\n<h2>As Markdown</h2>\n<textarea rows=\"12\" readonly>{}</textarea>"
                    "\n</body></html>\n",
                    escaped(markdown(report)));
}

}  // namespace npu::cli
