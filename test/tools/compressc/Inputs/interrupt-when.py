# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command and ends it when a file has a word so many times.

Usage: interrupt-when.py SIGNAL FILE WORD COUNT COMMAND...

Fails if the command ends before that, or never comes there.
"""

import signal
import subprocess
import sys
import time

name, path, word, count = *sys.argv[1:4], int(sys.argv[4])
process = subprocess.Popen(sys.argv[5:])
end = time.monotonic() + 120
while process.poll() is None and time.monotonic() < end:
    try:
        with open(path) as file:
            if file.read().count(word) >= count:
                break
    except FileNotFoundError:
        pass
    time.sleep(0.02)
process.send_signal(getattr(signal, name))
if process.wait() != -getattr(signal, name) or time.monotonic() >= end:
    sys.exit(f"the command ended by itself with {process.returncode}, or "
             f"{path} had not {count} times '{word}'")
