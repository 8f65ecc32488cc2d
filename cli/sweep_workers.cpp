// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/sweep_workers.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace npu::cli {
namespace {

void write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return;  // the parent is gone
    text.remove_prefix(written > 0 ? static_cast<size_t>(written) : 0);
  }
}

/// What a child does: works, tells the result, ends without running the parent's exit handlers.
[[noreturn]] void work_and_tell(int file, pid_t parent, const std::function<RowResult()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(1);
  // Ctrl-C reaches the whole group: the parent decides what it means.
  std::signal(SIGINT, SIG_IGN);
  RowResult result;
  try {
    result = work();
  } catch (const std::exception& error) {
    result.cause = fmt::format("internal error: {}", error.what());
  }
  write_all(file, to_json(result));
  _exit(0);
}

/// Says how a child ended that told nothing.
std::string death_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("signal {}: {}", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("ended with status {} and no result", WEXITSTATUS(status));
}

}  // namespace

Workers::~Workers() {
  for (const Child& child : children_) {
    kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    close(child.pipe);
  }
}

void Workers::start(size_t job, const std::function<RowResult()>& work) {
  int ends[2];
  if (pipe(ends) != 0)
    throw Error("sweep: no pipe: {}", std::strerror(errno));
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    throw Error("sweep: no process: {}", std::strerror(errno)).hint("fewer at once: -j 1");
  }
  if (pid == 0) {
    close(ends[0]);
    work_and_tell(ends[1], parent, work);
  }
  close(ends[1]);
  children_.push_back({job, pid, ends[0], Clock::now(), {}});
}

std::optional<Workers::Done> Workers::wait(std::chrono::milliseconds most) {
  const auto deadline = Clock::now() + most;
  while (!children_.empty()) {
    for (size_t i = 0; i < children_.size(); ++i)
      if (age(children_[i]) > timeout_)
        return end(i, true);
    std::vector<pollfd> files;
    auto left = std::chrono::duration<double>(deadline - Clock::now()).count();
    for (const Child& child : children_) {
      files.push_back({child.pipe, POLLIN, 0});
      left = std::min(left, timeout_ - age(child));
    }
    const int ready =
        poll(files.data(), files.size(), std::max(0, static_cast<int>(left * 1000) + 1));
    for (size_t i = 0; ready > 0 && i < files.size(); ++i) {
      if (files[i].revents == 0)
        continue;
      char bytes[4096];
      const ssize_t count = read(children_[i].pipe, bytes, sizeof bytes);
      if (count > 0)
        children_[i].text.append(bytes, static_cast<size_t>(count));
      else if (count == 0 || errno != EINTR)
        return end(i, false);
    }
    if (ready < 0 || Clock::now() >= deadline)
      break;
  }
  return {};
}

std::vector<std::pair<size_t, double>> Workers::under_way() const {
  std::vector<std::pair<size_t, double>> all;
  for (const Child& child : children_)
    all.emplace_back(child.job, age(child));
  return all;
}

double Workers::age(const Child& child) const {
  return std::chrono::duration<double>(Clock::now() - child.start).count();
}

Workers::Done Workers::end(size_t index, bool late) {
  const Child child = std::move(children_[index]);
  children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
  if (late)
    kill(child.pid, SIGKILL);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  close(child.pipe);
  Done done{child.job, {}};
  if (late) {
    done.result.end = RowEnd::Timeout;
    done.result.cause = fmt::format("no end after {} s", config::number_text(timeout_));
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    done.result = row_from_json(child.text);
  } else {
    done.result.cause = death_of(status);
  }
  if (done.result.seconds == 0)
    done.result.seconds = age(child);
  return done;
}

}  // namespace npu::cli
