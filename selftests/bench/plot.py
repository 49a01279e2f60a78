# SPDX-License-Identifier: BSD-3-Clause
"""build/bench/result.json as an SVG: cycles a packet above testpmd, ours next
to the best of Open vSwitch, a pair of bars a case.

usage: plot.py RESULT.json OUT.svg
"""
import html
import json
import sys

WIDTH, LEFT, RIGHT, ROW, TOP = 860, 300, 110, 26, 76
OURS, THEIRS = "#1b6ca8", "#b9bfc6"


def text(x, y, words, size=12, anchor="start", fill="#222"):
    return ('<text x="%g" y="%g" font-size="%g" text-anchor="%s" fill="%s">%s</text>' %
            (x, y, size, anchor, fill, html.escape(words)))


def bar(y, height, length, fill):
    return '<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>' % (LEFT, y, max(length, 1),
                                                                      height, fill)


def draw(result):
    rows = result["forward"]
    height = TOP + ROW * len(rows) + 12
    # Cases of thousands of cycles would make all others invisible.
    longest = sorted(r["ovs_x"] for r in rows)[len(rows) * 3 // 4]
    scale = (WIDTH - LEFT - RIGHT) / longest
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
           'font-family="sans-serif">' % (WIDTH, height),
           '<rect width="100%" height="100%" fill="#fff"/>',
           text(12, 22, "TSC cycles a packet above testpmd (less is better)", 15),
           text(12, 40, "%s, %s, TSC %.0f MHz, one core" %
                (result["date"], result["cpu"], result["tsc_hz"] / 1e6), 11, fill="#666"),
           bar(50, 9, 12, OURS), text(LEFT + 18, 58, "twinpathd", 11),
           '<rect x="%d" y="50" width="12" height="9" fill="%s"/>' % (LEFT + 110, THEIRS),
           text(LEFT + 128, 58, "Open vSwitch 3.1 with DPDK, best build and setting", 11)]
    for i, row in enumerate(rows):
        y = TOP + ROW * i
        out += [text(LEFT - 8, y + 14, row["title"], 11, "end"),
                bar(y + 2, 9, min(row["x"], longest) * scale, OURS),
                bar(y + 12, 9, min(row["ovs_x"], longest) * scale, THEIRS),
                text(LEFT + min(max(row["x"], row["ovs_x"]), longest) * scale + 5, y + 15,
                     "%.0f / %.0f" % (row["x"], row["ovs_x"]), 10, fill="#444")]
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as f:
        result = json.load(f)
    with open(sys.argv[2], "w") as f:
        f.write(draw(result))


if __name__ == "__main__":
    main()
