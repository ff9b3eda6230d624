//===- HtmlAssets.cpp - style and script of pages -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"

using namespace llvm;
using namespace compress;

// Integers and floats differ by a pattern too: for eyes that see few colours,
// and on paper.
const StringLiteral html::kStyle = R"css(
:root {
  color-scheme: light;
  --page: #ffffff; --box: #f4f6f8; --line: #d5dae0; --text: #1b1f24;
  --soft: #57606a; --int: #1f6fd1; --float: #c2570c; --range: #d9e8fb;
  --bins: #6b7683; --warn: #9a3f00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #14171b; --box: #1e2329; --line: #3a424c; --text: #e4e8ec;
    --soft: #a0aab5; --int: #6cb0ff; --float: #f0924a; --range: #1f3a5c;
    --bins: #98a4b1; --warn: #f0a468;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 76rem;
  background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 {
  font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem;
  overflow-wrap: anywhere;
}
h2 { font-size: 1.25rem; margin: 2.25rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0 .75rem 0 0; display: inline; }
.lead, .note, figcaption { color: var(--soft); }
.lead { margin: .25rem 0 .6rem; }
.note { font-size: .87rem; margin: .35rem 0 0; }
figcaption h3 { color: var(--text); }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: .75rem; margin: 0 0 1.5rem; padding: 0;
}
.tiles div {
  background: var(--box); border: 1px solid var(--line); border-radius: 8px;
  padding: .6rem .85rem;
}
.tiles dt { color: var(--soft); font-size: .87rem; }
.tiles dd { margin: 0; font-size: 1.4rem; font-weight: 600; line-height: 1.3; }
.tiles small {
  display: block; font-size: .8rem; font-weight: 400; color: var(--soft);
}
.facts {
  display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: .2rem 1.25rem; margin: 0 0 1.5rem;
}
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; }
.scroll {
  overflow: auto; max-height: 80vh; border: 1px solid var(--line);
  border-radius: 8px;
}
.fit { width: fit-content; max-width: 100%; }
figure { margin: 0 0 1.25rem; }
.note + .scroll, p + .scroll { margin-top: .6rem; }
figure .scroll { margin-top: .35rem; padding: .4rem; }
table {
  border-collapse: separate; border-spacing: 0; width: 100%; font-size: .87rem;
}
th, td {
  padding: .3rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); min-width: 3rem; max-width: 26rem;
  overflow-wrap: anywhere;
}
tbody tr:last-child td { border-bottom: 0; }
th {
  position: sticky; top: 0; z-index: 1; background: var(--box);
  font-weight: 600; white-space: nowrap; vertical-align: bottom;
}
td:nth-child(2) { min-width: 13rem; }
.fit td:nth-child(2) { min-width: 5rem; }
.n {
  text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
}
th.n { white-space: normal; overflow-wrap: normal; }
th [role=button] { cursor: pointer; }
th [role=button]::after, th.n [role=button]::before {
  content: " \25B2"; font-size: .7em; visibility: hidden;
}
th.n [role=button]::before { content: "\25B2 "; }
th.n [role=button]::after { content: none; }
th[aria-sort=descending] [role=button]::after { content: " \25BC"; }
th.n[aria-sort=descending] [role=button]::before { content: "\25BC "; }
th.n[aria-sort=descending] [role=button]::after { content: none; }
th[aria-sort] [role=button]::before, th[aria-sort] [role=button]::after {
  visibility: visible;
}
th [role=button]:focus-visible, .scroll:focus-visible, summary:focus-visible {
  outline: 2px solid var(--int); outline-offset: 2px; border-radius: 3px;
}
td small { display: block; color: var(--soft); }
.w { white-space: nowrap; }
.missed { color: var(--warn); font-weight: 600; }
.key::before {
  content: ""; display: inline-block; width: .8em; height: .8em;
  margin-right: .4em; border-radius: 2px; vertical-align: -.05em;
}
.key { margin-right: .8em; white-space: nowrap; }
.key.i::before { background: var(--int); }
.key.f::before {
  background: repeating-linear-gradient(
    45deg, var(--float) 0 2px, var(--page) 2px 3.2px);
  outline: 1px solid var(--float); outline-offset: -1px;
}
.key.b::before { border: 1.5px solid var(--float); box-sizing: border-box; }
.key.range::before {
  background: var(--range); border: solid var(--int); border-width: 0 1px;
  border-radius: 0;
}
.chart { display: block; width: 100%; min-width: 40rem; }
.chart text { fill: var(--soft); font-size: 11.5px; }
.chart .e { text-anchor: end; }
.chart .m { text-anchor: middle; }
.chart .grid { stroke: var(--line); stroke-dasharray: 2 3; }
.chart .axis { stroke: var(--soft); }
.chart .h { fill: transparent; }
.chart g:hover .h { fill: var(--line); fill-opacity: .5; }
.chart .i { fill: var(--int); }
.chart .f { fill: url(#hatch); stroke: var(--float); stroke-width: .8; }
.chart .b { fill: var(--page); stroke: var(--float); stroke-width: 1.5; }
.chart .stem { stroke: var(--int); stroke-opacity: .35; }
.chart .dot { fill: var(--int); }
.chart .line { fill: none; stroke: var(--int); stroke-width: 1.8; }
.chart .error { fill: var(--float); }
.chart .line.error { fill: none; stroke: var(--float); }
.chart .stem.error { stroke: var(--float); }
.chart .full { stroke: var(--int); stroke-dasharray: 5 3; }
.chart .roof { fill: none; stroke: var(--text); stroke-width: 1.5; }
.chart .stem.f, .chart .stem.b { fill: none; stroke-width: .8; stroke: var(--float); }
.chart .kernel { fill-opacity: .8; }
.key.error::before { background: var(--float); border-radius: 50%; }
.key.accuracy::before { background: var(--int); border-radius: 50%; }
.cells {
  display: grid; gap: .75rem; margin: .6rem 0 0;
  grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr));
}
.cells figure {
  margin: 0; padding: .5rem .6rem .3rem; border: 1px solid var(--line);
  border-radius: 8px; display: flex; flex-direction: column;
  justify-content: space-between;
}
.cells figcaption { font-size: .87rem; overflow-wrap: anywhere; }
.cells h3 { font-size: .9rem; margin: 0; }
.cells .chart { min-width: 0; }
.defs { position: absolute; width: 0; height: 0; }
.defs rect { fill: var(--page); }
.defs path { stroke: var(--float); stroke-width: 2.4; }
.spark { display: block; width: 130px; height: 26px; }
.spark .range { fill: var(--range); }
.spark .bins { fill: var(--bins); }
.spark .ends { stroke: var(--int); stroke-width: 1.5; fill: none; }
.bar { display: block; width: 130px; height: 14px; }
.bar .time { fill: var(--range); stroke: var(--int); stroke-width: .8; }
.bar .least { fill: var(--int); }
.key.time::before {
  background: var(--range); outline: 1px solid var(--int); outline-offset: -1px;
}
.key.least::before { background: var(--int); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .scroll { overflow: visible; max-height: none; border: 0; }
  .chart { min-width: 0; }
  th { position: static; }
  th, td { padding: .15rem .35rem; }
  table { font-size: 8pt; }
  td:nth-child(2) { min-width: 7rem; }
  .tiles { grid-template-columns: repeat(3, 1fr); }
  .cells { grid-template-columns: repeat(3, 1fr); }
  tr, figure, .tiles div { break-inside: avoid; }
  h2 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

// Headings become buttons only where there is a script to press them; no
// button elements, which browsers leave out of headings that they repeat on
// paper. Without the characters that XML would escape.
const StringLiteral html::kScript = R"js(
"use strict";
(function () {
  var words = new Intl.Collator(undefined, {numeric: true});
  function keyOf(cell, isNumber) {
    var text = cell.hasAttribute("data-v") ? cell.getAttribute("data-v")
                                           : cell.textContent;
    if (!isNumber) return text;
    return text === "" ? NaN : Number(text.replace(/,/g, ""));
  }
  // What is no number comes last, upwards and downwards.
  function compareNumbers(a, b, sign) {
    if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
    return a === b ? 0 : (a > b ? sign : -sign);
  }
  function sort(table, head, column) {
    var isNumber = head.classList.contains("n");
    var before = head.getAttribute("aria-sort");
    var down = before ? before === "ascending" : isNumber ? column > 0 : false;
    var sign = down ? -1 : 1;
    var body = table.tBodies[0];
    var rows = Array.from(body.rows, function (row) {
      return {row: row, key: keyOf(row.cells[column], isNumber)};
    });
    rows.sort(function (a, b) {
      return isNumber ? compareNumbers(a.key, b.key, sign)
                      : sign * words.compare(a.key, b.key);
    });
    body.append.apply(body, rows.map(function (entry) { return entry.row; }));
    Array.from(table.tHead.rows[0].cells, function (other) {
      other.removeAttribute("aria-sort");
    });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  document.querySelectorAll("table.sort").forEach(function (table) {
    Array.from(table.tHead.rows[0].cells, function (head, column) {
      if (head.classList.contains("p")) return;
      var button = document.createElement("span");
      button.tabIndex = 0;
      button.setAttribute("role", "button");
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        sort(table, head, column);
      });
      button.addEventListener("keydown", function (event) {
        if (event.key !== "Enter") if (event.key !== " ") return;
        event.preventDefault();
        sort(table, head, column);
      });
    });
  });
})();
)js";
