#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The structure of the sources: which folder includes which.

Reads the includes of include/, lib/ and tools/ (C++, C and TableGen) and
checks that each leads to the same folder or to one of a lower layer.

Usage:
    structure.py [--root DIR]              checks; one line for each mistake
    structure.py [--root DIR] --list       every pair of folders, with a count
    structure.py [--root DIR] --svg FILE   draws the picture as well
"""

import argparse
import collections
import html
import pathlib
import re
import sys

# From the bottom to the top. Folders of one layer do not include each other.
LAYERS = [
    ["Runtime"],
    ["Support", "Dialect/Compress/IR"],
    ["Dialect/Compress/Utils", "Calibration"],
    ["Dialect/Compress/Transforms", "Import/Common"],
    ["Conversion", "Import/Onnx", "Import/MindIR"],
    ["Codegen/Common", "Import/Reader", "Export/Onnx"],
    ["Codegen/Cpu", "Report"],
    ["Pipelines"],
    ["Plugin", "tools/compress-opt", "tools/compressc", "tools/compress-run",
     "tools/compress-lsp-server"],
]
LAYER_OF = {folder: number for number, layer in enumerate(LAYERS)
            for folder in layer}
SOURCES = {".h", ".cpp", ".c", ".td", ".def"}
INCLUDE = re.compile(r'^\s*#?\s*include\s+"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The folder of LAYERS that `path`, relative to the root, belongs to."""
    parts = path.parts
    for prefix in (("include", "Compress"), ("lib",)):
        if parts[:len(prefix)] == prefix:
            parts = parts[len(prefix):]
    for length in range(len(parts) - 1, 0, -1):
        folder = "/".join(parts[:length])
        if folder in LAYER_OF:
            return folder
    return None


def read_graph(root):
    """Counts includes by (from, to) and collects what is wrong."""
    edges, mistakes = collections.Counter(), []
    files = sorted(path for top in ("include", "lib", "tools")
                   for path in (root / top).rglob("*")
                   if path.suffix in SOURCES)
    for path in files:
        name = path.relative_to(root)
        source = folder_of(name)
        if source is None:
            mistakes.append(f"{name}: its folder has no layer; add it to "
                            "LAYERS in scripts/structure.py")
            continue
        for include in INCLUDE.findall(path.read_text()):
            if include.startswith("Compress/"):
                target = folder_of(pathlib.Path("include", include))
                if target is None:
                    mistakes.append(f"{name}: includes {include}, whose folder "
                                    "has no layer")
                    continue
            elif (path.parent / include).exists():
                inside = (path.parent / include).resolve()
                target = folder_of(inside.relative_to(root))
            else:
                continue  # Of another project, or generated for this folder.
            if target == source:
                continue
            edges[source, target] += 1
            if LAYER_OF[target] >= LAYER_OF[source]:
                mistakes.append(f"{name}: includes {include}: from {source} up "
                                f"to {target}")
    return edges, mistakes


def reduced(edges):
    """The edges that no longer way implies."""
    below = collections.defaultdict(set)
    for source, target in sorted(edges, key=lambda e: LAYER_OF[e[0]]):
        below[source] |= {target} | below[target]
    return [(source, target) for source, target in sorted(edges)
            if not any(target in below[other]
                       for start, other in edges
                       if start == source and other != target)]


def arrange(edges, width_of):
    """Places folders, and the bends of arrows that pass rows, in rows.

    Returns {node: (x, row)} with x of the middle, and for each edge its nodes
    from the top down; a bend is a node (source, target, row).
    """
    used = {folder for edge in edges for folder in edge}
    layers = [layer for layer in reversed(LAYERS) if used & set(layer)]
    rows = [[f for f in layer if f in used] for layer in layers]
    row_of = {f: number for number, row in enumerate(rows) for f in row}
    paths = {}
    for source, target in edges:
        bends = [(source, target, row)
                 for row in range(row_of[source] + 1, row_of[target])]
        for bend in bends:
            rows[bend[2]].append(bend)
        paths[source, target] = [source, *bends, target]
    neighbours = collections.defaultdict(list)
    for path in paths.values():
        for upper, lower in zip(path, path[1:]):
            neighbours[upper].append(lower)
            neighbours[lower].append(upper)

    x = {node: 60.0 * place for row in rows for place, node in enumerate(row)}
    # Each node goes to the middle of its neighbours, as far as the row allows.
    for step in range(60):
        for row in (rows if step % 2 else reversed(rows)):
            wish = {node: sum(x[n] for n in neighbours[node]) /
                    len(neighbours[node]) for node in row}
            row.sort(key=wish.get)
            right = None
            for node in row:
                half = width_of(node) / 2
                x[node] = wish[node] if right is None else max(
                    wish[node], right + half)
                right = x[node] + half
            # Pushing to the right only would let the rows drift.
            shift = sum(x[n] - wish[n] for n in row) / len(row)
            for node in row:
                x[node] -= shift
    left = min(x[n] - width_of(n) / 2 for n in x)
    return {node: (x[node] - left, number)
            for number, row in enumerate(rows) for node in row}, paths


def draw(edges):
    """The picture as SVG: layers as rows, the highest on top."""
    height, step = 30, 76

    def box_width(node):
        return len(node) * 7.4 + 20

    def space(node):
        return box_width(node) + 16 if isinstance(node, str) else 22

    place, paths = arrange(reduced(edges), space)
    place = {node: (x + 10, 14 + row * step) for node, (x, row) in place.items()}
    total = max(x + space(node) / 2 for node, (x, _) in place.items()) + 10
    bottom = max(y for _, y in place.values()) + height + 14
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total:.0f}" '
        f'height="{bottom}" viewBox="0 0 {total:.0f} {bottom}" '
        'font-family="monospace" font-size="12">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>',
        f'<rect width="{total:.0f}" height="{bottom}" fill="white"/>']
    for path in paths.values():
        x, y = place[path[0]]
        curve = f"M{x:.0f} {y + height}"
        y += height
        for node in path[1:]:
            (to_x, to_y), bend = place[node], (step - height) / 2
            curve += (f" C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} "
                      f"{to_x:.0f} {to_y}")
            x, y = to_x, to_y
            if node != path[-1]:
                y += height
                curve += f" L{x:.0f} {y}"
        lines.append(f'<path d="{curve}" fill="none" stroke="#555" '
                     'marker-end="url(#tip)"/>')
    for folder, (x, y) in place.items():
        if isinstance(folder, str):
            width = box_width(folder)
            lines.append(
                f'<rect x="{x - width / 2:.0f}" y="{y}" width="{width:.0f}" '
                f'height="{height}" rx="5" fill="#eef3fb" stroke="#36c"/>'
                f'<text x="{x:.0f}" y="{y + 19}" text-anchor="middle">'
                f'{html.escape(folder)}</text>')
    return "\n".join(lines + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent.parent)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--svg", type=pathlib.Path)
    args = parser.parse_args()

    edges, mistakes = read_graph(args.root.resolve())
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    if args.list:
        for (source, target), count in sorted(edges.items()):
            print(f"{source} -> {target}: {count}")
    if args.svg and not mistakes:
        args.svg.write_text(draw(edges))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
