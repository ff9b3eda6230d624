# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes each compress.channel_gate a mask of the channels that score lowest.

Usage: mask_gates.py RATE IN.mlir OUT.mlir
"""

import re
import sys

GATE = re.compile(r"compress\.channel_gate (%\w+) \{axis = (\d+) : i64, "
                  r"beta = array<f32: ([^>]*)>, gamma = array<f32: ([^>]*)>\}")


def main():
    rate, source, target = sys.argv[1:4]

    def mask(match):
        beta, gamma = ([float(number) for number in match[i].split(",")]
                       for i in (3, 4))
        scores = [abs(g) * (2 * b - 1) for b, g in zip(beta, gamma)]
        order = sorted(range(len(scores)), key=scores.__getitem__)
        gone = set(order[:int(float(rate) * len(scores))])
        bits = ", ".join("false" if c in gone else "true"
                         for c in range(len(scores)))
        return (f"compress.channel_mask {match[1]} "
                f"{{axis = {match[2]} : i64, mask = array<i1: {bits}>}}")

    with open(source) as file:
        text, count = GATE.subn(mask, file.read())
    if not count:
        sys.exit(f"{source} has no gates")
    with open(target, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
