//===- Child.cpp - code that may crash or hang ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace compress;
using namespace compress::fuzz;
using llvm::StringRef;

/// Limits that the system watches.
static void limitSelf(const Limits &limits) {
  // Of a processor's time, so that a busy machine makes no difference.
  itimerval timer = {};
  timer.it_value.tv_sec = limits.seconds;
  setitimer(ITIMER_PROF, &timer, nullptr);
  // That of children of its own as well.
  rlimit processor = {limits.seconds + 1, limits.seconds + 2};
  setrlimit(RLIMIT_CPU, &processor);
  rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return; // Which takes addresses by the terabyte.
#endif
#endif
  // A safety net, wider than what is checked afterwards: addresses are not
  // memory yet.
  rlimit addresses = {};
  addresses.rlim_cur = addresses.rlim_max =
      (rlim_t(limits.megabytes) * 2 + 8192) << 20;
  setrlimit(RLIMIT_AS, &addresses);
}

static std::string contentOf(int file) {
  std::string content;
  char buffer[4096];
  lseek(file, 0, SEEK_SET);
  for (ssize_t n; (n = read(file, buffer, sizeof(buffer))) > 0;)
    content.append(buffer, n);
  return content;
}

/// Waits until the child ends, and ends it where that takes too long: who waits
/// forever takes no time of a processor, and may block signals.
static bool waitFor(pid_t child, const Limits &limits, int &status,
                    rusage &usage) {
  int handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd ended = {handle, POLLIN, 0};
  int timeout = static_cast<int>(10000 * limits.seconds);
  bool inTime = handle < 0 || poll(&ended, 1, timeout) != 0;
  if (!inTime)
    kill(child, SIGKILL);
  close(handle);
  wait4(child, &status, 0, &usage);
  return inTime;
}

ChildResult fuzz::runInChild(llvm::function_ref<int()> body,
                             const Limits &limits) {
  ChildResult result;
  int messages = memfd_create("messages", 0);
  pid_t child = fork();
  if (child == 0) {
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(messages, STDERR_FILENO);
    limitSelf(limits);
    _exit(body());
  }
  int status = 0;
  rusage usage = {};
  if (child < 0)
    result.ended = std::string("no process: ") + std::strerror(errno);
  else if (!waitFor(child, limits, status, usage))
    result.ended = "took longer, waiting for something";
  else if (WIFEXITED(status))
    result.exitCode = WEXITSTATUS(status);
  else if (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1 >= limits.seconds)
    result.ended = "took longer than " + std::to_string(limits.seconds) + " s";
  else
    result.ended = std::string("crashed: ") + strsignal(WTERMSIG(status));
  long megabytes = usage.ru_maxrss / 1024;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  megabytes /= 4; // What it takes itself is not counted.
#endif
#endif
  if (result.ended.empty() && megabytes > limits.megabytes)
    result.ended = "took " + std::to_string(megabytes) + " megabytes";
  result.messages = contentOf(messages);
  close(messages);
  return result;
}

ChildResult fuzz::runProgram(llvm::ArrayRef<std::string> command,
                             const Limits &limits) {
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  return runInChild(
      [&] {
        execv(arguments[0], arguments.data());
        return 127;
      },
      limits);
}

std::string fuzz::misbehaviour(const ChildResult &result, StringRef tool) {
  if (!result.ended.empty())
    return result.ended;
  StringRef text = result.messages;
  if (result.exitCode == 0)
    return text.empty() ? "" : "says something, but succeeds";
  if (result.exitCode != 1)
    return "ends with the exit code " + std::to_string(result.exitCode);
  if (!text.starts_with((tool + ": error: ").str()) || !text.ends_with("\n"))
    return text.empty() ? "fails without an error" : "writes no error line";
  if (text.count('\n') != 1)
    return "writes " + std::to_string(text.count('\n')) + " lines";
  if (!llvm::json::isUTF8(text) ||
      llvm::any_of(text.drop_back(),
                   [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return "writes unprintable characters";
  if (text.size() > 4096)
    return "writes " + std::to_string(text.size()) + " characters";
  if (text.contains("crashed while") || text.contains("error of the compiler"))
    return "blames itself";
  return "";
}
