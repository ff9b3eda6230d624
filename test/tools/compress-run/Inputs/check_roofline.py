# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the numbers of `compress-run bench --per-op` agree with each
other, and that the page has the kernels of the JSON.

Usage: check_roofline.py REPORT.json PAGE.html
"""

import json
import math
import sys
import xml.etree.ElementTree

report = json.load(open(sys.argv[1], encoding="utf-8"))
page = open(sys.argv[2], encoding="utf-8").read()
root = xml.etree.ElementTree.fromstring(page.split("\n", 1)[1])


def is_close(a, b):
    return math.isclose(a, b, rel_tol=1e-6)


# A farther memory is never faster.
reads = [(rate["bytes"], rate["bytes_per_second"]) for rate in report["reads"]]
assert reads and reads == sorted(reads, key=lambda rate: (rate[0], -rate[1]))
assert all(a[1] >= b[1] > 0 for a, b in zip(reads, reads[1:]))


def read_rate(size):
    fitting = [rate for rate in reads if rate[0] <= size]
    return (fitting or reads[:1])[-1][1]


kernels = report["kernels"]
assert kernels
times = [kernel["seconds"] for kernel in kernels]
assert times == sorted(times, reverse=True)
assert is_close(sum(times), report["seconds"])
known = without = least = 0
for kernel in kernels:
    peak = report["peak_macs_per_second"].get(kernel["element"])
    if kernel["macs"] > 0 and peak is None:
        assert "least_seconds" not in kernel and "bound" not in kernel
        without += 1
        continue
    compute = kernel["macs"] / peak if kernel["macs"] > 0 else 0
    memory = kernel["bytes"] / read_rate(kernel["bytes"])
    assert is_close(kernel["least_seconds"], max(compute, memory))
    assert kernel["bound"] == ("compute" if compute >= memory else "memory")
    if kernel["seconds"] > 0:
        assert is_close(kernel["share_of_roof"],
                        kernel["least_seconds"] / kernel["seconds"])
        if kernel["macs"] > 0:
            assert is_close(kernel["share_of_peak"], compute / kernel["seconds"])
    known += kernel["seconds"]
    least += kernel["least_seconds"]
assert report["kernels_without_roof"] == without
assert is_close(report["least_seconds"], least) or least == 0
assert is_close(report["share_of_roof"], least / known)

rows = root.findall(".//div[@aria-label='Kernels']/table/tbody/tr")
assert len(rows) == len(kernels)
for row, kernel in zip(rows, kernels):
    cells = ["".join(cell.itertext()) for cell in row.findall("td")]
    assert cells[1] == kernel["kernel"] + kernel["source"], cells
    assert cells[2] == kernel["element"], cells
    assert cells[7] == kernel.get("bound", ""), cells
    # The bar has its least part before the whole, and within it.
    bars = [float(rect.get("width")) for rect in row.findall(".//rect")]
    assert len(bars) == 1 + ("bound" in kernel) and bars[-1] <= bars[0], bars

dots = root.findall(".//svg/g/circle")
assert len(dots) == sum(kernel["macs"] > 0 and kernel["seconds"] > 0
                        for kernel in kernels)
_, _, width, height = map(float, root.find(
    ".//svg[@class='chart']").get("viewBox").split())
for dot in dots:
    assert 0 <= float(dot.get("cx")) <= width
    assert 0 <= float(dot.get("cy")) <= height
