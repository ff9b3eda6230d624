#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How soon a program has its first answer, and what memory it takes.

Usage: start_up.py WORK MODEL... [--tools=FOLDER] [--cc=COMPILER] [--runs=20]

Each model is compiled for one thread and linked with a C program that runs it
once, on zeros, and ends. Prints the least time of such a process from its start
to its end, the most memory that it had resident (with what the C library and
the program take) beside constants, arena, inputs and outputs, and the size of
the library beside that of the constants.
"""

import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = """
#include "net.h"
#include <stdio.h>
#include <stdlib.h>

static void *room(int64_t bytes) {
  size_t unit = COMPRESS_ARENA_ALIGNMENT;
  void *memory = aligned_alloc(unit, ((size_t)bytes / unit + 1) * unit);
  if (!memory)
    exit(2);
  return memory;
}

int main(void) {
  const struct compress_model_info *info = net_info();
  const void *inputs[64];
  void *outputs[64];
  if (info->num_inputs > 64 || info->num_outputs > 64)
    return 2;
  for (uint32_t i = 0; i < info->num_inputs; ++i) {
    char *input = room(info->inputs[i].bytes);
    for (int64_t byte = 0; byte < info->inputs[i].bytes; ++byte)
      input[byte] = 0;
    inputs[i] = input;
  }
  for (uint32_t i = 0; i < info->num_outputs; ++i)
    outputs[i] = room(info->outputs[i].bytes);
  if (net_run(inputs, outputs, room(info->arena_bytes), 1) != 0)
    return 1;
  /* The most that was resident; what the parent had does not count. */
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    fputs(line, stdout);
  return 0;
}
"""


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, **options).stdout


def start(program):
    """Seconds until the program has ended, and its largest resident bytes."""
    begin = time.perf_counter()
    status = run(program)
    seconds = time.perf_counter() - begin
    return seconds, 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def measure(model, work, options):
    at = {name: os.path.join(work, name)
          for name in ["net.so", "main.c", "main"]}
    run(os.path.join(options["tools"], "compressc"), model, "-q",
        "--threads=1", "-o", at["net.so"])
    with open(at["main.c"], "w") as file:
        file.write(PROGRAM)
    run(options["cc"], "-O1", "-I" + work, at["main.c"], at["net.so"],
        "-Wl,-rpath," + work, "-o", at["main"])
    text = run(os.path.join(options["tools"], "compress-run"), "info",
               at["net.so"])
    arena, constants = (int(re.search(name + r": +(\d+) bytes", text)[1])
                        for name in ["arena", "constants"])
    results = [start(at["main"]) for _ in range(int(options["runs"]))]
    size = os.path.getsize(at["net.so"])
    resident = max(memory for _, memory in results)
    print(f"{os.path.basename(model):28} {1e3 * min(results)[0]:7.1f} ms, "
          f"resident {resident / 1e6:.1f} MB of which constants and arena "
          f"{(constants + arena) / 1e6:.1f}, library {size:,} bytes of which "
          f"constants {constants:,}", flush=True)


def main():
    options = {"tools": os.path.join(ROOT, "build", "bin"), "cc": "cc",
               "runs": "20"}
    paths = []
    for argument in sys.argv[1:]:
        name, separator, value = argument.partition("=")
        if separator and name[:2] == "--" and name[2:] in options:
            options[name[2:]] = value
        elif argument.startswith("--"):
            sys.exit(__doc__)
        else:
            paths.append(argument)
    if len(paths) < 2:
        sys.exit(__doc__)
    os.makedirs(paths[0], exist_ok=True)
    for model in paths[1:]:
        measure(model, os.path.abspath(paths[0]), options)


main()
