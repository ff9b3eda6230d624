//===- OutputFileTest.cpp - tests of files that are written ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/OutputFile.h"
#include "TestFiles.h"
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace compress;
using namespace compress::test;

namespace {

/// Writes `text` to `path`; the message of the error, if any.
std::string put(llvm::StringRef path, llvm::StringRef text,
                OutputKind kind = OutputKind::Data) {
  return messageOf(writeOutput(
      path,
      [&](llvm::raw_ostream &os) {
        os << text;
        return llvm::Error::success();
      },
      kind));
}

unsigned modeOf(llvm::StringRef path) {
  struct stat status = {};
  EXPECT_EQ(lstat(path.str().c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(OutputFile, NewAndReplaced) {
  TempFolder folder;
  std::string path = folder.path("100%.npy");
  EXPECT_EQ(put(path, "one"), "");
  EXPECT_EQ(contentOf(path), "one");
  EXPECT_EQ(put(path, ""), "");
  EXPECT_EQ(contentOf(path), "");
  EXPECT_EQ(folder.count(), 1u);
  std::string longest = folder.path(std::string(255, 'x'));
  EXPECT_EQ(put(longest, "two"), "");
  EXPECT_EQ(contentOf(longest), "two");
}

TEST(OutputFile, ModeIsThatOfNewFiles) {
  TempFolder folder;
  mode_t before = umask(027);
  EXPECT_EQ(put(folder.path("data"), "x"), "");
  EXPECT_EQ(put(folder.path("lib.so"), "x", OutputKind::Executable), "");
  EXPECT_EQ(modeOf(folder.path("data")), 0640u);
  EXPECT_EQ(modeOf(folder.path("lib.so")), 0750u);
  umask(before);
}

TEST(OutputFile, AfterAnErrorNothingChanged) {
  TempFolder folder;
  std::string path = folder.write("x", "old");
  for (const std::string &target : {path, folder.path("new")})
    EXPECT_EQ(messageOf(writeOutput(target,
                                    [&](llvm::raw_ostream &os) {
                                      os << "half";
                                      return llvm::createStringError("no more");
                                    })),
              "no more");
  EXPECT_EQ(contentOf(path), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(OutputFile, FullDisk) {
  TempFolder folder;
  EXPECT_EQ(put("/dev/full", "x"),
            "'/dev/full': cannot be written: no space left on device");
  EXPECT_EQ(put("/dev/null", std::string(100000, 'x')), "");
  // No file of this process may become longer than 1000 bytes.
  std::string path = folder.write("x", "old");
  pid_t child = fork();
  if (child == 0) {
    rlimit limit = {1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    bool right = put(path, std::string(100000, 'x')).find(path) == 1 &&
                 put(path, std::string(1001, 'x')).find(path) == 1;
    _exit(right ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(contentOf(path), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(OutputFile, BadPlaces) {
  TempFolder folder;
  EXPECT_TRUE(has(put("", "x"), "is empty"));
  EXPECT_TRUE(has(put(folder.path(), "x"), "is a directory"));
  EXPECT_TRUE(has(put(folder.path("a/b"), "x"),
                  "cannot create a file in '" + folder.path("a") +
                      "': no such file or directory"));
  std::string file = folder.write("file", "");
  EXPECT_TRUE(has(put(file + "/b", "x"), "not a directory"));
  EXPECT_TRUE(has(put(std::string("a\0b", 3), "x"), "null bytes"));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(OutputFile, SymbolicLinks) {
  TempFolder folder;
  std::string file = folder.write("file", "old");
  std::string link = folder.path("link"), second = folder.path("second");
  ASSERT_EQ(symlink("file", link.c_str()), 0);
  ASSERT_EQ(symlink(link.c_str(), second.c_str()), 0);
  EXPECT_EQ(put(second, "new"), "");
  EXPECT_EQ(contentOf(file), "new");
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(link));
  std::string dangling = folder.path("dangling");
  ASSERT_EQ(symlink("fresh", dangling.c_str()), 0);
  EXPECT_EQ(put(dangling, "made"), "");
  EXPECT_EQ(contentOf(folder.path("fresh")), "made");
  std::string loop = folder.path("loop");
  ASSERT_EQ(symlink("loop", loop.c_str()), 0);
  EXPECT_TRUE(has(put(loop, "x"), "symbolic links"));
}

TEST(OutputFile, Pipes) {
  TempFolder folder;
  std::string pipe = folder.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] {
    int fd = open(pipe.c_str(), O_RDONLY);
    char buffer[100];
    for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;)
      received.append(buffer, size);
    close(fd);
  });
  EXPECT_EQ(put(pipe, "through"), "");
  reader.join();
  EXPECT_EQ(received, "through");
  EXPECT_TRUE(llvm::sys::fs::exists(pipe));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(OutputFile, StandardOutput) {
  TempFolder folder;
  for (const char *name : {"-", "/dev/stdout", "/dev/fd/1"}) {
    std::string path = folder.path("captured");
    testing::internal::CaptureStdout();
    EXPECT_EQ(put(name, "first "), "");
    EXPECT_EQ(put(name, "second"), "");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "first second") << name;
  }
}

TEST(OutputFile, NoTemporaryAfterASignal) {
  TempFolder folder;
  pid_t child = fork();
  if (child == 0) {
    // Ends itself in the middle.
    llvm::consumeError(writeOutput(folder.path("x"), [](llvm::raw_ostream &os) {
      os << "half";
      raise(SIGTERM);
      return llvm::Error::success();
    }));
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(folder.count(), 0u);
}

} // namespace
