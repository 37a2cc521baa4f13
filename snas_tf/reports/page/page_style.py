# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The style sheet of the page: light and dark, on screens of any width and in print."""

from __future__ import annotations

from snas_tf.reports.charts import palette

_DARK = {
    palette.INK: "#e6edf3",
    palette.MUTED: "#9aa4af",
    palette.RULE: "#3a424b",
    palette.FILL: "#20262d",
    palette.PAPER: "#12161b",
}

_RULES = """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .5rem; padding-top: 1rem;
  border-top: 1px solid var(--rule); }
p { margin: .5rem 0 1rem; max-width: 46rem; overflow-wrap: anywhere; }
.summary { font-size: 1.05rem; }
.headline { border-left: 4px solid var(--ink); background: var(--fill); padding: .6rem 1rem; }
.headline p { margin: .25rem 0; }
.headline .figure { font-size: 1.2rem; }
.headline .figure strong { font-size: 2rem; }
.note, figcaption { color: var(--muted); font-size: .9rem; max-width: 46rem; }
.target, .warning { border-left: 4px solid var(--muted); background: var(--fill);
  padding: .6rem 1rem; }
.missed, .lasting { border-left-color: WARNING; }
.wide { overflow-x: auto; }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; }
.thirds { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
.thirds > .wide { flex: 1 1 17rem; max-width: 23rem; min-width: 0; }
.commands, .outline, .mistakes { list-style: none; padding: 0; }
.commands li { background: var(--fill); border-radius: 6px; padding: .5rem .8rem; margin: .4rem 0; }
.commands code { overflow-wrap: anywhere; white-space: pre-wrap; }
.outline, .mistakes { display: flex; flex-wrap: wrap; gap: .6rem 1.4rem; margin: 1rem 0 .25rem; }
.outline li { position: relative; border: 1.5px solid var(--muted); border-radius: 6px;
  background: var(--fill); padding: .3rem .7rem; text-align: center; font-size: .85rem; }
.outline .marked { border-color: WARNING; }
.outline li + li::before { content: "\\2192"; position: absolute; left: -1.15rem; top: 25%;
  color: var(--muted); }
.outline strong, .outline span { display: block; font-weight: 500; }
.outline span { color: var(--muted); font-size: .8rem; }
.mistakes { gap: 1rem; }
.mistakes li { width: 6.5rem; font-size: .8rem; line-height: 1.35; overflow-wrap: anywhere; }
.mistakes img { display: block; width: 100%; height: 6.5rem; object-fit: contain;
  image-rendering: pixelated; background: var(--fill); margin-bottom: .25rem; }
.matrix th, .matrix td { padding: .25rem .5rem; text-align: center; border: 1px solid var(--rule); }
.matrix .right { background: color-mix(in srgb, #0072b2 calc(var(--part) * 30%), transparent); }
.matrix .wrong { background:
  color-mix(in srgb, WARNING calc(15% + var(--part) * 30%), transparent); }
dt { font-weight: 600; margin-top: .6rem; }
dd { margin: 0 0 0 1rem; max-width: 46rem; }
.halves { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
.halves > .wide { flex: 1 1 24rem; min-width: 0; }
.classes td { padding-top: .2rem; padding-bottom: .2rem; }
.chosen { background: var(--fill); font-weight: 600; }
mark { background: none; color: inherit; font-weight: 700; border-bottom: 3px solid WARNING; }
figure { margin: 1.25rem 0 1.75rem; }
figure svg { display: block; max-width: 100%; height: auto; }
svg * { stroke-linejoin: round; stroke-linecap: butt; }
svg text { font-family: "DejaVu Sans", Verdana, sans-serif; }
table { border-collapse: collapse; margin: .75rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem 1.1rem .4rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
thead th { color: var(--muted); font-size: .85rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
td.text:first-child { min-width: 10.5rem; }  /* else wide tables break names word by word */
.classes td.text:first-child { min-width: 0; }
.pair { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 4rem; }
.pair caption { text-align: left; font-weight: 600; padding: .5rem 0; }
.settings { width: 100%; }
.settings th, .settings td { font-size: .875rem; overflow-wrap: anywhere; }
.settings th { width: 18rem; max-width: 45vw; font-weight: 400; color: var(--muted); }
sub { line-height: 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  font-size: .875rem; }
pre { background: var(--fill); padding: .8rem 1rem; border-radius: 6px; overflow-x: auto; }
details { border-top: 1px solid var(--rule); padding: .7rem 0; }
summary { cursor: pointer; font-weight: 600; }
@media screen and (max-width: 640px) {
  main { padding: 1.25rem 1rem 3rem; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr { display: block; }
  .stack tr { border-bottom: 1px solid var(--rule); padding: .5rem 0; }
  .stack td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
    padding: .1rem 0; }
  .stack td::before { content: attr(data-label); color: var(--muted); font-weight: 400; }
  .stack td:first-child { font-weight: 600; }
  .stack td:empty, .stack td:first-child::before { display: none; }
  .halves svg, .thirds svg { min-width: 0 !important; width: 100%; }
  .settings, .settings tbody, .settings tr, .settings th, .settings td { display: block; }
  .settings th { width: auto; max-width: none; border: 0; padding-bottom: 0; }
  .wide { background: linear-gradient(to right, var(--paper) 30%, transparent) left / 2rem 100%,
    linear-gradient(to left, var(--paper) 30%, transparent) right / 2rem 100%,
    linear-gradient(to right, var(--muted), transparent) left / .5rem 100%,
    linear-gradient(to left, var(--muted), transparent) right / .5rem 100%;
    background-attachment: local, local, scroll, scroll; background-repeat: no-repeat; }
}
@media print {
  :root { color-scheme: light; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  figure svg { min-width: 0 !important; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .wide { overflow: visible; }
  figure, tr, pre { break-inside: avoid; }
  h2 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""


def style_sheet() -> str:
    """The style sheet, complete, without references to other files."""
    light = "".join(f"--{name}: {color};" for color, name in palette.THEMED.items())
    dark = "".join(f"--{name}: {_DARK[color]};" for color, name in palette.THEMED.items())
    rules = _RULES.replace("WARNING", palette.WARNING)
    # Paper is white, so the dark colors are for screens alone.
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}{rules}"
    )
