/** What all our pages look like: each colour is named once, for light and for dark; type, controls, tables, print. */
export const THEME_STYLE = `
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
h1 { font-size: clamp(1.75rem, 1.2rem + 2.2vw, 2.625rem); line-height: 1.15; letter-spacing: -0.022em; font-weight: 680; text-wrap: balance; unicode-bidi: plaintext; }
h2 { font-size: 1.375rem; line-height: 1.3; letter-spacing: -0.012em; font-weight: 650; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 650; }
h4 { font-size: 0.875rem; line-height: 1.4; font-weight: 650; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
code, pre { font-family: var(--mono); font-size: 0.8125rem; line-height: 1.55; }
pre, code { unicode-bidi: isolate; }
pre { margin: 0; direction: ltr; overflow-x: auto; tab-size: 4; white-space: pre; overflow-wrap: normal; }
summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; padding: 0.5rem 1rem; background: var(--surface); border-radius: var(--radius); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.page { max-width: 74rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
.badge { padding: 0.1875rem 0.625rem; border-radius: 99px; font-weight: 600; background: var(--sunken); border: 1px solid var(--line); color: var(--muted); }
.badge.guessed { background: none !important; border: 1px dashed currentColor !important; }
.badge.success { color: var(--good); background: var(--good-soft); border-color: transparent; }
.badge.partial { color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.badge.failed { color: var(--bad); background: var(--bad-soft); border-color: transparent; }
.warning { margin-top: 1rem; padding: 0.625rem 0.875rem; border-radius: var(--radius); background: var(--warn-soft); color: var(--warn); font-size: 0.875rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: var(--small); }
th, td { padding: 0.375rem 1rem 0.375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.page-foot { padding: 1.5rem 0 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: var(--small); }
dialog { max-width: 26rem; padding: 1.5rem 1.75rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); color: var(--ink); }
dialog::backdrop { background: rgb(0 0 0 / 0.4); }
dialog dl { display: grid; grid-template-columns: auto 1fr; gap: 0.5rem 1rem; margin: 1rem 0 1.25rem; font-size: 0.9375rem; }
dialog dt { white-space: nowrap; }
kbd { padding: 0.0625rem 0.375rem; border: 1px solid var(--line); border-radius: 4px; background: var(--sunken); font: 0.8125rem var(--mono); }
.theme { display: none; }
.js .theme { display: inline-block; margin-left: auto; width: 2rem; height: 2rem; padding: 0; border: 1px solid var(--line); border-radius: 99px; background: none; color: var(--muted); font: 1rem/1 var(--sans); cursor: pointer; }
.theme:hover { border-color: var(--accent); color: var(--accent); }
.toolbar input, .toolbar button, dialog button { height: 2rem; padding: 0 0.75rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); font: 500 var(--small) var(--sans); }
.toolbar input { flex: 1 1 10rem; min-width: 0; }
.toolbar input::placeholder { color: var(--muted); }
.toolbar button, dialog button { cursor: pointer; }
.toolbar button:hover, dialog button:hover { border-color: var(--accent); }
.toolbar button[aria-pressed="false"] { color: var(--muted); background: transparent; }
.matches { min-width: 4.5rem; color: var(--muted); font-size: var(--small); font-variant-numeric: tabular-nums; }
.group { display: flex; flex-wrap: wrap; gap: 0.25rem; }
mark { background: var(--mark); color: inherit; }
::highlight(found) { background-color: var(--mark); }
::highlight(current) { background-color: light-dark(#ffb224, #b37a00); }
@media print {
  :root { color-scheme: light !important; }
  body { font-size: 10pt; }
  .toolbar, .skip, .theme { display: none !important; }
  .badge, rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: none !important; }
  h3, h4 { break-after: avoid; }
}
`;
