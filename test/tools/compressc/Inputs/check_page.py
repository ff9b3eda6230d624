# Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads an HTML report as strictly as XML, and checks that it needs nothing
outside of it, that its tables are whole and that it has the layers, the totals
and the remarks of the JSON report of the same compilation, if that is named.

Usage: check_page.py PAGE.html [REPORT.json]
"""

import base64
import hashlib
import json
import re
import sys
import xml.etree.ElementTree

page = open(sys.argv[1], encoding="utf-8").read()
assert page.startswith("<!DOCTYPE html>\n")
root = xml.etree.ElementTree.fromstring(page.split("\n", 1)[1])

# No resources, no handlers, and only the script and style that are allowed.
for element in root.iter():
    for name, value in element.attrib.items():
        assert name not in ("src", "href", "style"), (element.tag, name)
        assert not name.startswith("on"), (element.tag, name)
assert not re.search(r"https?:|@import|fetch\(|XMLHttp", page)
policy = root.find("head/meta[@http-equiv]").get("content")
assert policy.startswith("default-src 'none'; ")
for tag in "style", "script":
    found = list(root.iter(tag))
    assert len(found) == 1
    digest = base64.b64encode(hashlib.sha256(found[0].text.encode()).digest())
    assert f"{tag}-src 'sha256-{digest.decode()}'" in policy, tag
ids = [element.get("id") for element in root.iter() if element.get("id")]
assert len(ids) == len(set(ids))


def text(element):
    return "".join(element.itertext())


def number(element):
    return int(text(element).replace(",", ""))


tables = {}
for region in root.iter("div"):
    for table in region.findall("table"):
        heads = [text(head) for head in table.findall("thead/tr/th")]
        rows = [row.findall("td") for row in table.findall("tbody/tr")]
        assert rows and all(len(row) == len(heads) for row in rows), heads
        tables[region.get("aria-label")] = heads, rows

assert tables
if len(sys.argv) == 2:
    sys.exit()
report = json.load(open(sys.argv[2], encoding="utf-8"))
heads, rows = tables["Layers"]
assert heads == ["#", "name", "op", "type", "shape", "MACs", "parameters",
                 "bytes", "output bytes"]
assert len(rows) == len(report["layers"])
for i, (row, layer) in enumerate(zip(rows, report["layers"]), 1):
    assert number(row[0]) == i
    assert [text(cell) for cell in row[1:4]] == [
        layer["name"], layer["op"], layer["element_type"]]
    shape = "×".join("?" if n < 0 else str(n) for n in layer["shape"])
    assert text(row[4]) == (shape or "scalar")
    assert [number(cell) for cell in row[5:]] == [
        layer[key] for key in ("macs", "parameters", "parameter_bytes",
                               "output_bytes")]

totals = {text(row[0]): row[1:] for row in tables["Totals"][1]}
for name, key in [("Parameters", "parameters"),
                  ("Bytes of parameters", "parameter_bytes"),
                  ("Multiply-accumulates (MACs)", "macs"),
                  ("MACs in integers", "integer_macs")]:
    assert number(totals[name][0]) == report["imported"][key], name
    assert number(totals[name][1]) == report[key], name
for name, key in [("Bytes of constants", "constant_bytes"),
                  ("Bytes of arena", "arena_bytes"),
                  ("Bytes of the file", "output_bytes")]:
    assert number(totals[name][-1]) == report[key], name

said = [(text(row[1]), number(row[4])) for row in tables["Remarks"][1]]
messages = [remark["message"] for remark in report["remarks"]]
assert sorted(said) == sorted((m, messages.count(m)) for m in set(messages))
