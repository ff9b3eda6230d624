# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The chart of conv_shapes.py."""

import math
import statistics

KINDS = ["1x1", "3x3", "other", "depthwise", "grouped", "dense"]
CHART_BEGIN = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 560" role="img">
<style>
svg { font: 13px system-ui, sans-serif; fill: #333; stroke-width: 1 }
.grid { stroke: #8884 } .one { stroke: #888; stroke-width: 2 }
.title { font-size: 17px }
.end { text-anchor: end } .mid { text-anchor: middle }
circle { fill-opacity: .6 }
.k0 { fill: #0072b2 } .k1 { fill: #d55e00 } .k2 { fill: #009e73 }
.k3 { fill: #c4609b } .k4 { fill: #e69f00 } .k5 { fill: #7a5cc9 }
@media (prefers-color-scheme: dark) {
svg { fill: #ccc } .k0 { fill: #4a9fe0 } .k1 { fill: #f07a33 }
.k2 { fill: #1cc298 } .k3 { fill: #e08cbc } .k5 { fill: #a58bea } }
</style>
"""


def draw(results, target):
    """The chart as SVG: multiply-accumulates and the ratio of the times."""
    left, right, top, bottom = 60, 940, 95, 510
    low_x, high_x = (pick(math.log10(each.macs) for each in results)
                     for pick in (min, max))
    low_x = math.floor(low_x)
    high_x = max(low_x + 1, math.ceil(high_x))
    ratios = [math.log2(each.ratio) for each in results]
    low_y, high_y = math.floor(min(ratios)), max(1, math.ceil(max(ratios)))

    def x_of(macs):
        part = (math.log10(macs) - low_x) / (high_x - low_x)
        return left + part * (right - left)

    def y_of(ratio):
        part = (math.log2(ratio) - low_y) / (high_y - low_y)
        return bottom - part * (bottom - top)

    def label(x, y, text, style=""):
        parts.append(f'<text x="{x:.0f}" y="{y:.0f}" class="{style}">{text}'
                     "</text>")

    parts = []
    label(left, 24, "int8 against f32: a layer of each shape in torchvision's "
          "classification models", "title")
    label(left, 46, f"time in int8 / time in f32, by multiply-accumulates; "
          f"{len(results)} shapes, {target}; below 1 int8 is faster; "
          "medians of the kinds:")
    for power in range(low_x, high_x + 1):
        x = x_of(10 ** power)
        parts.append(f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>')
        prefix = "kMGT"[power // 3 - 1] if power >= 3 else ""
        label(x, bottom + 20, f"{10 ** (power % 3)} {prefix}", "mid")
    label((left + right) / 2, bottom + 40, "multiply-accumulates", "mid")
    for power in range(low_y, high_y + 1):
        y = y_of(2.0 ** power)
        style = "grid" if power else "one"
        parts.append(f'<path class="{style}" d="M{left} {y:.1f}H{right}"/>')
        label(left - 8, y + 4, f"1/{2 ** -power}" if power < 0 else 2 ** power,
              "end")
    for number, kind in enumerate(KINDS):
        members = [each for each in results if each.kind == kind]
        if not members:
            continue
        median = statistics.median(each.ratio for each in members)
        x = left + number * (right - left) / len(KINDS)
        parts.append(f'<circle class="k{number}" cx="{x + 6:.0f}" cy="70" '
                     'r="6"/>')
        label(x + 18, 75, f"{kind}: {median:.2f}")
        parts.append(f'<g class="k{number}">')
        parts += [f'<circle cx="{x_of(each.macs):.1f}" '
                  f'cy="{y_of(each.ratio):.1f}" r="4"><title>{each}</title>'
                  "</circle>" for each in members]
        parts.append("</g>")
    return CHART_BEGIN + "\n".join(parts) + "\n</svg>\n"
