import { CODE_STYLE } from './code-colours.ts';

/** How the conversation looks: turns, work blocks, diffs, code. */
export const TIMELINE_STYLE = `
.body { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 3rem; border-top: 1px solid var(--line); }
.chapters { padding-top: 2rem; }
.chapters h2 { font-size: 0.875rem; letter-spacing: 0; color: var(--muted); font-weight: 600; margin-bottom: 0.5rem; }
.chapters ol { padding: 0; list-style: none; }
.chapters .number { color: var(--muted); font-size: var(--small); font-weight: 400; }
.chapters a { display: block; padding: 0.375rem 0.75rem; border-left: 2px solid var(--line); color: var(--ink); font-size: 0.9375rem; line-height: 1.4; text-decoration: none; }
.chapters a:hover, .chapters a:focus-visible, .chapters a[aria-current] { border-color: var(--accent); color: var(--accent); }
.chapters a[aria-current] { font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: 0 0.75rem; color: var(--muted); font-size: var(--small); }
.chapters .facts { gap: 0 0.5rem; font-size: 0.75rem; }
.chapters .facts span:nth-child(1):not(:only-child) { display: none; }
@media (max-width: 63.99rem) { .chapters ol { max-height: 18rem; overflow-y: auto; padding-bottom: 2.5rem; mask: linear-gradient(#000 calc(100% - 3rem), transparent); } }
.timeline { padding: 2rem 0 4rem; }
@media (min-width: 64rem) {
  .body { grid-template-columns: 14rem minmax(0, 1fr); }
  .chapters { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding-bottom: 2rem; }
}
.toolbar { display: none; }
.js .toolbar { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin: 0 0 1rem; padding: 0.75rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
.toolbar .tools { display: contents; }
.toolbar #more, .to-chapters { display: none; }
@media (max-width: 48rem) {
  .toolbar #more { display: block; }
  .to-chapters { display: inline-block; padding: 0.25rem 0.75rem; font-size: var(--small); }
  .toolbar .tools { display: none; flex-wrap: wrap; gap: 0.5rem; flex-basis: 100%; }
  .toolbar #more[aria-expanded="true"] + .tools { display: flex; }
}
.toolbar .find { flex: 1 1 13rem; display: flex; align-items: center; height: 2rem; min-width: 0; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
.find:focus-within { border-color: var(--accent); }
.toolbar .find > * { height: 100%; border: 0; background: none; }
.toolbar .find input { outline-offset: -2px; }
.find .matches { align-self: center; height: auto !important; min-width: 0; padding: 0 0.375rem; white-space: nowrap; }
.toolbar .find button { padding: 0 0.5rem; }
.toolbar .find button:disabled { display: none; }
.switch { display: flex; }
.toolbar .switch button { border-radius: 0; }
.toolbar .switch button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
.toolbar .switch button:last-child { border-radius: 0 var(--radius) var(--radius) 0; margin-left: -1px; }
.toolbar .switch button[aria-pressed="true"] { position: relative; border-color: var(--accent); background: var(--accent-soft); color: var(--accent); }
.toolbar button[data-filter]:not([data-filter="errors"])[aria-pressed="false"] { text-decoration: line-through; }
.toolbar button[data-filter="errors"][aria-pressed="true"] { border-color: var(--bad); color: var(--bad); background: var(--bad-soft); }
.chapter { padding-top: 1rem; }
.chapter + .chapter { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 2.5rem; }
.chapter > header { margin-bottom: 1.25rem; }
.chapter h3 { font-size: 1.375rem; letter-spacing: -0.012em; line-height: 1.3; }
.chapter .number { color: var(--accent); font-variant-numeric: tabular-nums; margin-right: 0.25rem; }
.outside > summary { padding: 0.5rem 0; color: var(--muted); }
.outside > summary h3 { display: inline; font-size: 0.875rem; font-weight: 500; }
details.outside { margin: 1rem 0; }
.entry, .result { position: relative; }
.entry { scroll-margin-top: 4.5rem; }
.long .entry { content-visibility: auto; contain-intrinsic-size: auto 5rem; }
.entry > header { display: flex; align-items: baseline; gap: 0.75rem; margin-bottom: 0.25rem; }
time, .permalink { color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.permalink { text-decoration: none; }
.entry > header .permalink { margin-left: auto; }
.permalink:hover, .permalink:focus-visible { color: var(--accent); text-decoration: underline; }
.silence { display: flex; align-items: center; gap: 0.875rem; margin: 1.5rem 0; color: var(--muted); font-size: 0.75rem; }
.silence::before, .silence::after { content: ""; flex: 1; border-top: 1px dashed var(--line); }
.image { display: inline-block; padding: 0.375rem 0.75rem; border: 1px dashed color-mix(in srgb, var(--muted) 60%, transparent); border-radius: 6px; color: var(--muted); font: 500 var(--small) var(--sans); }
.user, .assistant { padding: 1rem 1.25rem; margin: 0.75rem 0; border-radius: var(--radius); }
.user { background: var(--accent-soft); box-shadow: inset 3px 0 0 var(--accent); }
.said { white-space: pre-wrap; }
.user .said { font-size: 1.0625rem; line-height: 1.55; }
.said code, .lead code, .overview li code { padding: 0.0625rem 0.3125rem; border-radius: 4px; background: var(--sunken); border: 1px solid var(--line); font-size: 0.875em; }
.said pre { margin: 0.5rem 0; font-size: 0.8125rem; }
.said pre code { padding: 0; border: 0; font-size: inherit; background: none; }
.rest > summary { margin-top: 0.5rem; color: var(--accent); font-size: var(--small); }
.user h4 { color: var(--accent); }
.assistant { padding-top: 0.25rem; padding-bottom: 0.25rem; }
.assistant h4 { color: var(--muted); }
.entry:target, .result:target { outline: 2px solid var(--accent); outline-offset: 1px; }
.cut { margin-top: 0.375rem; color: var(--muted); font-size: var(--small); font-style: italic; }
.call .moment { margin-top: 0; }
.entry > .moment { margin-top: 0.75rem; }
.moment { padding: 0.5rem 0.75rem; border-radius: 6px; background: var(--surface); border: 1px solid var(--line); font-size: 0.875rem; }
.moment strong { color: var(--accent); }
.markdown > * + * { margin-top: 0.75rem; }
.markdown ul, .markdown ol { padding-left: 1.375rem; }
.markdown li + li { margin-top: 0.25rem; }
.markdown h5 { font-size: 1.0625rem; }
.markdown h6 { font-size: 0.9375rem; }
.markdown h5, .markdown h6 { margin-top: 1.25rem; line-height: 1.4; }
.markdown blockquote { padding-left: 0.875rem; border-left: 3px solid var(--line); color: var(--muted); }
.markdown .task { margin-left: -1.25rem; list-style: none; }
.markdown .alert { border-left-color: var(--accent); color: inherit; }
.alert > strong:first-child { display: block; color: var(--accent); }
.said, .lead, .entry h4, .chapter h3, .markdown :is(p, li, h5, h6, td, th) { unicode-bidi: plaintext; }
.markdown hr { border: 0; border-top: 1px solid var(--line); }
.markdown :not(pre) > code, .field code { padding: 0.0625rem 0.3125rem; border-radius: 4px; background: var(--sunken); border: 1px solid var(--line); font-size: 0.875em; }
.markdown .scroll :is(td, th) { min-width: 4rem; max-width: 28rem; overflow-wrap: break-word; }
.align-right { text-align: right; }
.align-center { text-align: center; }
pre.code, pre.output, pre.input, pre.diff { padding: 0.75rem 0.875rem; border: 1px solid var(--line); border-radius: 6px; background: var(--sunken); }
pre.output { white-space: pre-wrap; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
.nothing { padding: 2rem 0; color: var(--muted); }
.nothing button { margin-left: 0.5rem; padding: 0.25rem 0.75rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); font: 500 var(--small) var(--sans); cursor: pointer; }
.copy { position: absolute; z-index: 1; padding: 0.125rem 0.5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--muted); font: 500 0.75rem var(--sans); cursor: pointer; }
.copy:hover { border-color: var(--accent); color: var(--accent); }
header > .copy { position: static; order: 3; }
.work { margin: 0.75rem 0; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
details.work > summary { padding: 0.5rem 0.875rem; font-size: 0.875rem; }
.work .tools { color: var(--muted); }
.error-count { color: var(--bad); font-weight: 600; }
.work > summary > .error-count { margin-left: 0.5rem; }
details.work.failed { border-color: color-mix(in srgb, var(--bad) 45%, var(--line)); }
.tool { scroll-margin-top: 4.5rem; }
.work > .tool + .tool, .work > summary + .tool { border-top: 1px solid var(--line); }
.tool > summary { padding: 0.4375rem 0.875rem; font-size: var(--small); }
.tool > summary > b { font-weight: 650; }
.tool > summary > code { color: var(--muted); font-size: inherit; margin-left: 0.375rem; }
.tool.failed > summary > b { color: var(--bad); }
.error-line { display: block; margin: 0.125rem 0 0 1rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; color: var(--bad); font-family: var(--mono); font-size: 0.75rem; }
.tool[open] > summary > .error-line { display: none; }
.error-line b { font-family: var(--sans); }
.call { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; padding: 0.25rem 0.875rem 0.875rem; }
.field { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; color: var(--muted); font-size: var(--small); }
.field code { margin-right: 0.5rem; }
.field b { color: var(--ink); font-weight: 600; }
.sums { margin-left: 0.375rem; font: 500 0.75rem var(--mono); }
details.found > summary { box-shadow: inset 3px 0 0 light-dark(#ffb224, #b37a00); }
details.result > summary { margin-bottom: 0.25rem; color: var(--muted); font-size: var(--small); }
details.result > summary b { color: var(--ink); }
.result > p:first-child { margin-bottom: 0.25rem; color: var(--muted); font-size: var(--small); }
.result > p:first-child b { color: var(--ink); font-weight: 600; }
.failed > .call .result pre { border-color: color-mix(in srgb, var(--bad) 45%, var(--line)); }
.where { display: flex; gap: 0.75rem; font-size: 0.75rem; }
.note { margin: 0.5rem 0; color: var(--muted); font-size: var(--small); }
.note > summary { padding: 0.125rem 0; }
.note-kind { font-weight: 600; }
.note pre { margin: 0.375rem 0; }
pre.diff { padding: 0.5rem 0; }
.diff > * { display: block; padding: 0 0.875rem; text-decoration: none; min-width: max-content; }
.diff ins { background: var(--good-soft); color: var(--good); }
.diff del { background: var(--bad-soft); color: var(--bad); }
${CODE_STYLE}.hide-user .user, .hide-assistant .assistant, .hide-tools :is(.work, .note), .only-talk :is(.work, .note, .outside) { display: none; }
.only-errors :is(.user, .assistant, .note, .work, .tool, .chapter, .silence):not(.failed) { display: none; }
`;
