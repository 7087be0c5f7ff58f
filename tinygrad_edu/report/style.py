"""The look of the page: one style sheet, light and dark by the reader's own setting, from desk to phone."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f7f9fc; --ink: #0f172a; --quiet: #475569; --line: #dde4ee;
  --value: #2455bd; --gradient: #b53b08; --heat: #fff3e9;
  --good: #0b5a2a; --good-back: #dcf5e4; --warn: #5c4300; --warn-back: #fdeebf; --bad: #86130a; --bad-back: #fde1de;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "Source Serif 4", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0b1020; --panel: #121930; --ink: #e6ebf4; --quiet: #a3b1c6; --line: #2a3550;
    --value: #8fb2f7; --gradient: #ff9d45; --heat: #24190f;
    --good: #8ee6ab; --good-back: #0f3320; --warn: #f3d77a; --warn-back: #382d0c; --bad: #ffb4ab; --bad-back: #4a1410;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 82rem; padding: 0 clamp(1rem, 4vw, 2.5rem) 5rem;
  background: var(--page); color: var(--ink); font: 1.0625rem/1.6 var(--sans);
}
a { color: var(--value); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--value); outline-offset: 3px; border-radius: 4px; }
.skip { position: absolute; left: -100vw; background: var(--page); padding: 0.5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.12; letter-spacing: -0.012em; text-wrap: balance; }
h1 { font-size: clamp(2.2rem, 6vw, 3.6rem); margin: 0 0 1.2rem; }
h2 { font-size: clamp(1.7rem, 4vw, 2.35rem); margin: 0.1rem 0 0.9rem; }
h3 { font-size: 0.95rem; font-weight: 650; margin: 2.6rem 0 0.7rem; }
p { margin: 0 0 1rem; max-width: 42rem; }
.lead { font-size: 1.2rem; color: var(--quiet); }
.lead strong { color: var(--ink); font-weight: 600; }
.eyebrow { margin: 0; font-size: 0.875rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.text { font: 1.16rem/1.62 var(--serif); }
.note { color: var(--quiet); font-size: 0.9375rem; }
header.top { padding: clamp(2.5rem, 8vw, 5.5rem) 0 0.5rem; }
.flow { display: inline-block; margin: 0 0 1.4rem; font-weight: 600; font-size: 0.95rem; }
.forward { color: var(--value); } .backward { color: var(--gradient); }
main > section { border-top: 1px solid var(--line); margin-top: 4.5rem; padding-top: 2.6rem; }

nav ol { list-style: none; margin: 0; padding: 0; font-size: 0.9375rem; }
nav h2 { font: 650 0.875rem/1.4 var(--sans); letter-spacing: 0; color: var(--quiet); margin: 0 0 0.5rem; }
nav a { display: block; padding: 0.3rem 0; color: var(--ink); text-decoration: none; }
nav a:hover { color: var(--value); text-decoration: underline; }
@media (min-width: 70rem) {
  .columns { display: grid; grid-template-columns: minmax(0, 1fr) 11.5rem; gap: 3rem; align-items: start; }
  .columns > nav { order: 2; position: sticky; top: 2.5rem; margin-top: 4.2rem; border-left: 2px solid var(--line); padding-left: 1.2rem; }
}
@media (max-width: 69.99rem) {
  .columns > nav { border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; margin: 1.5rem 0; }
  nav ol { columns: 2 14rem; }
}

.scrolls { overflow: auto; overscroll-behavior-x: contain; }
.formula { fill: currentColor; display: inline-block; overflow: visible; }
.definitions { display: grid; gap: 0.85rem; padding: 1.2rem 1.4rem; background: var(--panel); border-radius: 10px; list-style: none; margin: 0; font-size: 1.12rem; width: max-content; min-width: 100%; }
.definitions li { line-height: 1; }

.table { border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; line-height: 1.4; }
th, td { padding: 0.6rem 0.9rem; text-align: left; vertical-align: middle; white-space: nowrap; }
thead th { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); background: var(--panel); }
tbody th { font-weight: 500; }
tbody tr { border-top: 1px solid var(--line); }
.number, td code { font-variant-numeric: tabular-nums; }
.number { text-align: right; }
td code { font: 0.875rem/1.4 var(--mono); }
.derivation tbody th { color: var(--gradient); font-size: 1.06rem; }
.derivation .hand { color: var(--quiet); }
.small { width: max-content; max-width: 100%; }
.small table { width: auto; }
.verdict { display: inline-block; padding: 0.1rem 0.6rem; border-radius: 99px; font-size: 0.8125rem; font-weight: 600; }
.verdict.good { background: var(--good-back); color: var(--good); }
.verdict.warn { background: var(--warn-back); color: var(--warn); }
.verdict.bad { background: var(--bad-back); color: var(--bad); }
.verdict.muted { background: var(--panel); color: var(--quiet); }
.error { color: var(--quiet); font-size: 0.8125rem; font-variant-numeric: tabular-nums; padding-left: 0.5rem; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.2rem; }
figure { margin: 0; }
figure img { display: block; width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: 0.9375rem; margin-top: 0.6rem; max-width: 42rem; }
.plot { border: 1px solid var(--line); border-radius: 10px; padding: 0.7rem; }
.wide { grid-column: 1 / -1; }
.graph { max-height: min(85vh, 60rem); border: 1px solid var(--line); border-radius: 10px; padding: 0.7rem; text-align: center; }
.graph svg { min-width: min(var(--natural), 40rem); }
.beyond { border-left: 3px solid var(--gradient); padding-left: 1.2rem; }
.beyond h3 { margin-top: 2.6rem; }
footer { margin-top: 5rem; padding-top: 1.2rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.9375rem; }
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  .plot { padding: 0.3rem; }
  th, td { padding: 0.5rem 0.65rem; }
}
@media print { .columns > nav, .skip { display: none; } .scrolls { overflow: visible; max-height: none; } }
"""
