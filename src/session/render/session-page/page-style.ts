import { TIMELINE_STYLE } from './timeline-style.ts';

/** Colours, type and the frame of the page. Each colour is named once, for light and for dark. */
const FRAME_STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fafaf8, #131417);
  --surface: light-dark(#ffffff, #1a1c20);
  --sunken: light-dark(#f3f3ef, #0f1012);
  --line: light-dark(#e3e2dc, #2c2f36);
  --ink: light-dark(#1b1c1f, #e7e8ea);
  --muted: light-dark(#5c5f66, #a0a5af);
  --accent: light-dark(#3d4fc4, #a5b0ff);
  --accent-soft: light-dark(#eef0fc, #1f2340);
  --good: light-dark(#17693f, #74d3a0);
  --good-soft: light-dark(#e5f4ea, #14291e);
  --warn: light-dark(#7a4f00, #ecc06a);
  --warn-soft: light-dark(#fbf1dc, #2c2412);
  --bad: light-dark(#b3261e, #ff9d92);
  --bad-soft: light-dark(#fdebe8, #351a18);
  --mark: light-dark(#ffe27a, #6b5600);
  --sans: Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --small: 0.8125rem;
  --radius: 8px;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6, p, ul, ol, dl, dd, figure, blockquote { margin: 0; }
h1 { font-size: clamp(1.75rem, 1.2rem + 2.2vw, 2.625rem); line-height: 1.15; letter-spacing: -0.022em; font-weight: 680; text-wrap: balance; }
h2 { font-size: 1.375rem; line-height: 1.3; letter-spacing: -0.012em; font-weight: 650; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 650; }
h4 { font-size: 0.875rem; line-height: 1.4; font-weight: 650; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
code, pre { font-family: var(--mono); font-size: 0.8125rem; line-height: 1.55; }
pre { margin: 0; overflow-x: auto; tab-size: 4; white-space: pre; overflow-wrap: normal; }
summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; padding: 0.5rem 1rem; background: var(--surface); border-radius: var(--radius); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.page { max-width: 74rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
.page-head { padding: clamp(2rem, 6vw, 4.5rem) 0 1.5rem; }
.eyebrow { display: flex; flex-wrap: wrap; align-items: center; gap: 0.625rem; margin-bottom: 1rem; color: var(--muted); font-size: var(--small); }
.session-name { font-family: var(--mono); }
.badge { padding: 0.1875rem 0.625rem; border-radius: 99px; font-weight: 600; background: var(--sunken); border: 1px solid var(--line); color: var(--muted); }
.badge.success { color: var(--good); background: var(--good-soft); border-color: transparent; }
.badge.partial { color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.badge.failed { color: var(--bad); background: var(--bad-soft); border-color: transparent; }
.session-facts { display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; margin-top: 1.75rem; }
.session-facts dt { font-size: 0.75rem; color: var(--muted); }
.session-facts dd { font-size: 0.9375rem; font-weight: 550; font-variant-numeric: tabular-nums; }
.session-facts time { color: inherit; font-size: inherit; }
.warning { margin-top: 1rem; padding: 0.625rem 0.875rem; border-radius: var(--radius); background: var(--warn-soft); color: var(--warn); font-size: 0.875rem; }
.activity { margin: 1rem 0 2.5rem; }
.activity svg { display: block; width: 100%; height: 4rem; border-radius: var(--radius); overflow: hidden; }
.activity a:focus-visible { outline-offset: -2px; }
.column { fill: light-dark(#efeeea, #1c1e23); }
a:hover > .column, a:focus > .column { fill: var(--accent-soft); }
.activity rect.read { fill: light-dark(#b9c0ee, #4a5396); }
.activity rect.edit { fill: light-dark(#3d4fc4, #a5b0ff); }
.activity rect.run { fill: light-dark(#7a87dd, #737fd0); }
.activity rect.other { fill: light-dark(#c4c3bd, #4a4d55); }
.activity rect.turn { fill: var(--ink); }
.activity rect.error { fill: light-dark(#d0352b, #ff8478); }
.activity figcaption { display: flex; flex-wrap: wrap; gap: 0.25rem 1.125rem; margin-top: 0.625rem; color: var(--muted); font-size: var(--small); }
.key::before { content: ""; display: inline-block; width: 0.625rem; height: 0.625rem; margin-right: 0.4375rem; border-radius: 2px; background: light-dark(#c4c3bd, #4a4d55); }
.key.read::before { background: light-dark(#b9c0ee, #4a5396); }
.key.edit::before { background: light-dark(#3d4fc4, #a5b0ff); }
.key.run::before { background: light-dark(#7a87dd, #737fd0); }
.key.error::before { background: light-dark(#d0352b, #ff8478); }
.overview { padding: 2.25rem 0 3rem; border-top: 1px solid var(--line); }
.overview h2 { font-size: 0.875rem; letter-spacing: 0; color: var(--muted); font-weight: 600; margin-bottom: 0.75rem; }
.lead { max-width: 46rem; font-size: clamp(1.0625rem, 1rem + 0.35vw, 1.25rem); line-height: 1.6; white-space: pre-line; }
.columns { columns: 2 22rem; column-gap: 3rem; margin-top: 2.25rem; }
.columns > section { break-inside: avoid; padding-bottom: 2rem; }
.overview h3 { font-size: 0.9375rem; margin-bottom: 0.625rem; }
.overview ul:not(.topics) { padding-left: 1.125rem; }
.overview li + li { margin-top: 0.375rem; }
.overview li::marker { color: var(--accent); }
.aside { display: block; color: var(--muted); font-size: 0.875rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: var(--small); }
th, td { padding: 0.375rem 1rem 0.375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.files { width: 100%; }
.files th + th, .files td + td { text-align: right; padding-right: 0; padding-left: 1rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.added { color: var(--good); }
.removed { color: var(--bad); }
.topics { display: flex; flex-wrap: wrap; gap: 0.375rem; padding: 0; list-style: none; }
.topics li { margin: 0 !important; padding: 0.125rem 0.625rem; border: 1px solid var(--line); border-radius: 99px; background: var(--surface); font-size: var(--small); }
.moments ol { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); padding: 0; list-style: none; }
.moments li { margin: 0 !important; padding: 1rem 1.125rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
.moments .kind { display: block; margin-bottom: 0.25rem; color: var(--muted); font-size: 0.75rem; }
.moments q { font-weight: 550; }
.moments a { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
.moments a:hover { text-decoration-color: currentColor; }
.moments .aside { margin-top: 0.375rem; }
.fold { margin-top: 1.25rem; }
.fold > summary { font-weight: 600; font-size: 0.9375rem; }
.fold[open] > summary { margin-bottom: 0.75rem; }
.page-foot { padding: 1.5rem 0 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: var(--small); }
dialog { max-width: 26rem; padding: 1.5rem 1.75rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: var(--ink); }
dialog::backdrop { background: rgb(0 0 0 / 0.4); }
dialog dl { display: grid; grid-template-columns: auto 1fr; gap: 0.5rem 1rem; margin: 1rem 0 1.25rem; font-size: 0.9375rem; }
dialog dt { white-space: nowrap; }
kbd { padding: 0.0625rem 0.375rem; border: 1px solid var(--line); border-radius: 4px; background: var(--sunken); font: 0.8125rem var(--mono); }
`;

const PRINT_STYLE = `
@media print {
  :root { color-scheme: light !important; }
  body { font-size: 10pt; }
  .toolbar, .chapters, .skip, .permalink { display: none !important; }
  .body { display: block; }
  .key::before, .badge, .user, .diff > *, rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .entry, .chapter { content-visibility: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: none !important; }
  .entry header, h3, h4 { break-after: avoid; }
}
`;

/** The one style sheet of the page; its hash stands in the page's policy. */
export const PAGE_STYLE = FRAME_STYLE + TIMELINE_STYLE + PRINT_STYLE;
