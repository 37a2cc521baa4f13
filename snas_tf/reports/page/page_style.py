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
.summary { font-size: 1.1rem; }
.note, figcaption { color: var(--muted); font-size: .9rem; max-width: 46rem; }
.target, .warning { border-left: 4px solid var(--muted); background: var(--fill);
  padding: .6rem 1rem; }
.missed, .lasting { border-left-color: WARNING; }
.wide { overflow-x: auto; }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; }
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
th, td { padding: .4rem 1.4rem .4rem 0; text-align: left; vertical-align: top;
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
