// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/progress.h"

#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace npu::cli {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t interrupted = 0;

void on_interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);  // a second Ctrl-C ends the program
}

}  // namespace

Progress::Progress(bool quiet) : shows_(!quiet && isatty(STDERR_FILENO) == 1) {
  interrupted = 0;
  std::signal(SIGINT, on_interrupt);
}

Progress::~Progress() {
  std::signal(SIGINT, SIG_DFL);
  clear();
}

bool Progress::tick(arch::Cycle cycle) {
  if (interrupted != 0)
    return false;
  if (!shows_)
    return true;
  const auto now = Clock::now();
  const std::chrono::duration<double> since = now - last_;
  if (since.count() < 1)
    return true;
  const std::chrono::duration<double> total = now - start_;
  std::fputs(fmt::format("\r\033[K{:.0f} s: cycle {}, {:.1f} million a second", total.count(),
                         cycle, static_cast<double>(cycle - last_cycle_) / since.count() / 1e6)
                 .c_str(),
             stderr);
  visible_ = true;
  last_ = now;
  last_cycle_ = cycle;
  return true;
}

void Progress::clear() {
  if (visible_)
    std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace npu::cli
