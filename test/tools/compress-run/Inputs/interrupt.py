# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Interrupts a command at several moments and checks that it leaves no files.

Usage: interrupt.py FOLDER COMMAND...
where the command writes nothing but what it is asked for into FOLDER, and its
temporary files.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time


def main():
    folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    # Whoever runs the tests may ignore it, which the commands would inherit.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    environment = dict(os.environ, TMPDIR=str(folder))
    for delay in (0.05, 0.15, 0.3, 0.6, 1.0, 2.0):
        process = subprocess.Popen(command, env=environment,
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
        code = process.returncode
        left = [path.name for path in folder.iterdir()
                if path.name.startswith((".tmp", "compress-run"))]
        if left or code not in (0, 130, -signal.SIGINT):
            sys.exit(f"after {delay} s: exit code {code}, left: {left}, "
                     f"said: {said}")


if __name__ == "__main__":
    main()
