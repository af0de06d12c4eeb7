import { THEME_STYLE } from '../page/theme-style.ts';
import { ACTIVITY_STYLE } from './activity-style.ts';
import { TIMELINE_STYLE } from './timeline-style.ts';

/** What stands above the timeline: the facts, the activity, the summary. */
const OVERVIEW_STYLE = `
.page-head { padding: clamp(2rem, 6vw, 4.5rem) 0 1.5rem; }
.eyebrow { display: flex; flex-wrap: wrap; align-items: center; gap: 0.625rem; margin-bottom: 1rem; color: var(--muted); font-size: var(--small); }
.session-name { font-family: var(--mono); }
.session-facts { display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; margin-top: 1.75rem; }
.session-facts dt { font-size: 0.75rem; color: var(--muted); }
.session-facts dd { font-size: 0.9375rem; font-weight: 550; font-variant-numeric: tabular-nums; }
.session-facts time { color: inherit; font-size: inherit; }
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
.files { width: 100%; }
.files th + th, .files td + td { text-align: right; padding-right: 0; padding-left: 1rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.added { color: var(--good); }
.removed { color: var(--bad); }
.topics { display: flex; flex-wrap: wrap; gap: 0.375rem; padding: 0; list-style: none; }
.topics li { margin: 0 !important; padding: 0.125rem 0.625rem; border: 1px solid var(--line); border-radius: 99px; background: var(--surface); font-size: var(--small); }
.moments ol { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); padding: 0; list-style: none; }
.moments li { margin: 0 !important; padding: 1rem 1.125rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); }
.moments li { position: relative; }
.moments a::after { content: ""; position: absolute; inset: 0; border-radius: var(--radius); }
.moments li:has(a:hover) { border-color: var(--accent); }
.moments .kind { display: block; margin-bottom: 0.25rem; color: var(--muted); font-size: 0.75rem; }
.moments q { font-weight: 550; }
.moments a { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
.moments a:hover { text-decoration-color: currentColor; }
.moments .aside { margin-top: 0.375rem; }
.fold { margin-top: 1.25rem; }
.fold > summary { font-weight: 600; font-size: 0.9375rem; }
.fold[open] > summary { margin-bottom: 0.75rem; }
`;

const PRINT_STYLE = `
@media print {
  .chapters, .permalink { display: none !important; }
  .body { display: block; }
  .key::before, .user, .diff > * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .entry, .chapter { content-visibility: visible; }
  .entry header { break-after: avoid; }
}
`;

/** The one style sheet of the page; its hash stands in the page's policy. */
export const PAGE_STYLE = THEME_STYLE + ACTIVITY_STYLE + OVERVIEW_STYLE + TIMELINE_STYLE + PRINT_STYLE;
