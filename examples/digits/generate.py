#!/usr/bin/env python3
# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws 28x28 grayscale digits and writes them as gzipped IDX files.

Every digit is a handful of pen strokes given by control points. A sample
picks one of the variants of its digit, jitters the points, applies a random
affine map, draws the strokes with a random pen, maybe adds a stray stroke and
rubs out another, and adds blur and noise. The images are a function of the
seed alone.

Usage:
    python3 generate.py [--out DIR] [--test N] [--calib N] [--seed S]

Writes {test,calib}-{images,labels}.idx.gz, laid out like the MNIST files:
images are u8 [N, 28, 28], labels are u8 [N]. Depends on numpy.
"""

import argparse
import gzip
import pathlib
import struct

import numpy as np

SIZE = 28

# Streams keep the sets of one seed apart from each other.
STREAM_TEST, STREAM_CALIB, STREAM_TRAIN, STREAM_VALID = range(4)


def arc(cx, cy, rx, ry, start, stop, points=9):
    """Points of an elliptic arc; degrees, clockwise from 3 o'clock."""
    angle = np.radians(np.linspace(start, stop, points))
    return [(cx + rx * c, cy + ry * s)
            for c, s in zip(np.cos(angle), np.sin(angle))]


# DIGITS[d] lists the variants of digit d, a variant is a list of strokes and a
# stroke is a list of (x, y) in the unit square, y pointing down.
DIGITS = [
    [  # 0
        [arc(.50, .50, .33, .46, -90, 270, 13)],
        [arc(.50, .50, .22, .47, -70, 300, 13)],
        [arc(.50, .50, .38, .40, -120, 235, 13)],
    ],
    [  # 1
        [[(.50, .03), (.50, .97)]],
        [[(.32, .24), (.54, .03)], [(.54, .03), (.54, .97)]],
        [[(.30, .22), (.52, .04)], [(.52, .04), (.52, .96)],
         [(.28, .96), (.76, .96)]],
    ],
    [  # 2
        [arc(.48, .28, .29, .25, 190, 380, 7) + [(.60, .58), (.18, .94)],
         [(.18, .94), (.84, .94)]],
        [arc(.50, .30, .27, .27, 200, 400, 7) +
         [(.45, .76), (.22, .90), (.16, .76), (.34, .74), (.60, .95),
          (.86, .86)]],
        [[(.20, .08), (.66, .06), (.82, .26), (.60, .56), (.20, .94)],
         [(.20, .94), (.80, .93)]],
    ],
    [  # 3
        [arc(.46, .27, .29, .24, 200, 440, 8) + [(.42, .50)],
         [(.42, .50)] + arc(.46, .73, .33, .24, -70, 155, 8)],
        [[(.20, .06), (.78, .06)], [(.78, .06), (.44, .42)],
         [(.44, .42)] + arc(.46, .69, .33, .27, -80, 150, 8)],
        [[(.22, .10), (.60, .02), (.80, .22), (.62, .44), (.34, .47),
          (.70, .50), (.86, .72), (.62, .97), (.18, .90)]],
    ],
    [  # 4
        [[(.30, .04), (.16, .58)], [(.16, .58), (.86, .58)],
         [(.66, .30), (.64, .97)]],
        [[(.66, .97), (.66, .03)], [(.66, .03), (.12, .68)],
         [(.12, .68), (.90, .68)]],
        [[(.20, .06), (.18, .42), (.30, .54), (.76, .48)],
         [(.78, .06), (.76, .97)]],
    ],
    [  # 5
        [[(.80, .05), (.28, .05)], [(.28, .05), (.24, .44)],
         [(.24, .44)] + arc(.48, .67, .32, .27, -120, 145, 9)],
        [[(.82, .06), (.40, .06), (.28, .14), (.28, .42), (.54, .40),
          (.82, .54), (.80, .82), (.52, .97), (.16, .88)]],
    ],
    [  # 6
        [[(.72, .05), (.40, .18), (.20, .50)] +
         arc(.48, .70, .29, .25, 180, -200, 12)],
        [[(.62, .03), (.22, .62)] + arc(.50, .73, .28, .22, 170, -185, 12)],
        [[(.80, .14), (.60, .03), (.30, .20), (.18, .58), (.24, .88),
          (.52, .97), (.78, .80), (.72, .56), (.48, .48), (.24, .64)]],
    ],
    [  # 7
        [[(.16, .06), (.84, .06)], [(.84, .06), (.56, .46), (.42, .97)]],
        [[(.16, .06), (.82, .06)], [(.82, .06), (.40, .97)],
         [(.32, .50), (.76, .50)]],
        [[(.18, .24), (.18, .06), (.50, .10), (.82, .06)],
         [(.82, .06), (.58, .50), (.52, .97)]],
    ],
    [  # 8
        [arc(.50, .27, .25, .23, -90, 270, 11),
         arc(.50, .73, .31, .24, -90, 270, 11)],
        [[(.76, .16), (.50, .02), (.22, .18), (.36, .42), (.68, .58),
          (.82, .80), (.50, .99), (.18, .80), (.34, .56), (.66, .40),
          (.80, .18), (.62, .04)]],
    ],
    [  # 9
        [arc(.48, .29, .28, .25, 0, -360, 12), [(.76, .29), (.72, .97)]],
        [arc(.50, .29, .28, .25, 10, -350, 12) +
         [(.76, .60), (.60, .88), (.28, .96)]],
        [[(.78, .14), (.46, .03), (.20, .24), (.30, .48), (.60, .46),
          (.78, .16)], [(.78, .16), (.62, .60), (.50, .97)]],
    ],
]


def smooth(points):
    """Rounds a polyline by cutting its corners twice, keeping both ends."""
    for _ in range(2):
        if len(points) < 3:
            break
        near = .75 * points[:-1] + .25 * points[1:]
        far = .25 * points[:-1] + .75 * points[1:]
        inner = np.stack([near, far], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner[1:-1], points[-1:]])
    return points


def random_affine(rng):
    """Maps the unit square, centred at the origin, to pixels."""
    angle = np.radians(rng.uniform(-20, 20))
    shear = rng.uniform(-.35, .25)
    scale = np.diag(rng.uniform([11, 15], [21, 24]))
    rotation = np.array([[np.cos(angle), -np.sin(angle)],
                         [np.sin(angle), np.cos(angle)]])
    matrix = rotation @ np.array([[1, shear], [0, 1]]) @ scale
    shift = (SIZE - 1) / 2 + rng.uniform(-2.5, 2.5, 2)
    return matrix, shift


def random_stroke(rng):
    """A short straight stroke anywhere, in pixels."""
    angle = rng.uniform(0, np.pi)
    half = rng.uniform(1.5, 4.5) * np.array([np.cos(angle), np.sin(angle)])
    centre = rng.uniform(2, SIZE - 2, 2)
    return np.stack([centre - half, centre + half])


PIXELS = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)),
                  -1).reshape(-1, 1, 2).astype(np.float64)


def draw(strokes, thickness):
    """Coverage in [0, 1] of every pixel by a round pen."""
    begin = np.concatenate([s[:-1] for s in strokes])
    step = np.concatenate([s[1:] for s in strokes]) - begin
    length2 = np.maximum((step**2).sum(-1), 1e-9)
    offset = PIXELS - begin
    along = np.clip((offset * step).sum(-1) / length2, 0, 1)
    distance2 = ((offset - along[..., None] * step)**2).sum(-1).min(1)
    coverage = thickness / 2 + .5 - np.sqrt(distance2)
    return np.clip(coverage, 0, 1).reshape(SIZE, SIZE)


def blur(image, amount):
    """Separable [a, 1-2a, a] filter with zeros outside the image."""
    for axis in (0, 1):
        padded = np.pad(image, [(1, 1) if a == axis else (0, 0)
                                for a in (0, 1)])
        before, after = np.split(
            np.take(padded, np.r_[0:SIZE, 2:SIZE + 2], axis), 2, axis)
        image = (1 - 2 * amount) * image + amount * (before + after)
    return image


def make_digit(digit, rng):
    """One u8 [28, 28] image of `digit`, bright on dark."""
    variants = DIGITS[digit]
    strokes = variants[rng.integers(len(variants))]
    matrix, shift = random_affine(rng)
    # The two ends of touching strokes are jittered alike.
    jitter = {}
    pixels = []
    for stroke in strokes:
        for point in stroke:
            if point not in jitter:
                jitter[point] = rng.normal(0, .045, 2)
        points = np.array([p + jitter[p] for p in stroke]) - .5
        pixels.append(smooth(points) @ matrix.T + shift)
    if rng.random() < .25:
        pixels.append(random_stroke(rng))
    image = draw(pixels, rng.uniform(1.2, 4.0))
    if rng.random() < .25:
        image *= 1 - draw([random_stroke(rng)], rng.uniform(2, 4))
    image = blur(image, rng.uniform(0, .3)) * rng.uniform(.4, 1)
    image += rng.normal(0, rng.uniform(0, .15), image.shape)
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def make_digits(count, seed, stream):
    """`count` images u8 [count, 28, 28] and labels u8 [count], balanced."""
    rng = np.random.default_rng([seed, stream])
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    return np.stack([make_digit(d, rng) for d in labels]), labels


def write_idx(path, array):
    """Writes a u8 array as gzipped IDX, with nothing but data in the file."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    with open(path, "wb") as file, \
            gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(header + array.tobytes())


def read_idx(path):
    """Reads what write_idx wrote."""
    with gzip.open(path) as file:
        data = file.read()
    zero, kind, rank = struct.unpack_from(">HBB", data)
    if zero != 0 or kind != 8:
        raise ValueError(f"{path}: not an IDX file of u8")
    shape = struct.unpack_from(f">{rank}I", data, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent,
                        help="where the files go (default: beside this script)")
    parser.add_argument("--test", type=int, default=1000, metavar="N",
                        help="number of test images (default: 1000)")
    parser.add_argument("--calib", type=int, default=200, metavar="N",
                        help="number of calibration images (default: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    for name, count, stream in (("test", args.test, STREAM_TEST),
                                ("calib", args.calib, STREAM_CALIB)):
        images, labels = make_digits(count, args.seed, stream)
        write_idx(args.out / f"{name}-images.idx.gz", images)
        write_idx(args.out / f"{name}-labels.idx.gz", labels)
        print(f"{name}: {count} images")


if __name__ == "__main__":
    main()
