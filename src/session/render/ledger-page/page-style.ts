import { THEME_STYLE } from '../page/theme-style.ts';
import { LIST_STYLE } from './list-style.ts';

/** What stands above the list: the facts, the charts, the topics. */
const OVERVIEW_STYLE = `
.ledger {
  --success: light-dark(#3d4fc4, #98a4fb);
  --partial: light-dark(#a3adea, #535fb5);
  --failed: light-dark(#d0352b, #ff8478);
  --waiting: light-dark(#c9c8c2, #4a4d55);
  --unreadable: light-dark(#c08a1e, #d9a94a);
  --spent: light-dark(#7a87dd, #737fd0);
  max-width: 80rem;
}
.page-head { padding: clamp(2rem, 5vw, 4rem) 0 clamp(1.5rem, 3vw, 2.25rem); }
.eyebrow { display: flex; align-items: center; min-height: 2rem; margin-bottom: 0.25rem; color: var(--muted); font-size: var(--small); font-weight: 550; }
.session-facts { display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; margin-top: 1.75rem; }
.session-facts dt { font-size: 0.75rem; color: var(--muted); }
.session-facts dd { font-size: 1.0625rem; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.panels { position: relative; display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem; }
.panel { display: flex; flex-direction: column; padding: 1.125rem 1.25rem 1rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.panel.wide { grid-column: span 2; }
.panel figcaption { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; margin-bottom: 0.875rem; }
.panel h2 { font-size: 0.875rem; letter-spacing: 0; font-weight: 600; }
.peak { color: var(--muted); font-size: 0.75rem; font-weight: 400; letter-spacing: 0; font-variant-numeric: tabular-nums; }
.bars { display: block; flex: 1 1 9rem; width: 100%; height: 9rem; border-bottom: 1px solid var(--line); }
.bars.low { flex: 1 1 2.75rem; height: 2.75rem; }
.figure { display: flex; align-items: baseline; justify-content: space-between; gap: 0.5rem; margin: -0.5rem 0 0.75rem; font-size: 1.375rem; line-height: 1.3; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.column { fill: transparent; }
.bars a:hover .column, .bars a:focus .column { fill: var(--accent-soft); }
.bars a { outline-offset: -1px; }
rect.success { fill: var(--success); }
rect.partial { fill: var(--partial); }
rect.failed { fill: var(--failed); }
rect.waiting { fill: var(--waiting); }
rect.unreadable { fill: var(--unreadable); }
rect.spent { fill: var(--spent); }
.axis { display: flex; justify-content: space-between; margin-top: 0.375rem; color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.hint { margin-top: 0.5rem; color: var(--muted); font-size: 0.75rem; }
.values { margin-top: 0.5rem; color: var(--muted); font-size: 0.75rem; }
.values .scroll { max-height: 16rem; margin-top: 0.5rem; overflow: auto; }
.values table { width: 100%; font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.values th { font-size: 0.75rem; }
.values th + th, .values td + td { text-align: right; }
.values tr > :last-child { padding-right: 0.25rem; }
.whole { display: block; width: 100%; height: 0.625rem; margin-bottom: 0.75rem; border-radius: 99px; }
.ranking { padding: 0; list-style: none; font-size: 0.875rem; }
.ranking a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.75rem; align-items: center; margin: 0 -0.5rem; padding: 0.25rem 0.5rem; border-radius: 6px; color: inherit; text-decoration: none; }
.ranking.measured a { row-gap: 0.1875rem; }
.ranking a:hover { background: var(--sunken); }
.ranking .key { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.count { color: var(--muted); text-align: right; font-variant-numeric: tabular-nums; }
.ranking:not(.measured) .key::before { content: ""; display: inline-block; width: 0.625rem; height: 0.625rem; margin-right: 0.5rem; border-radius: 3px; background: var(--waiting); }
.ranking .key.success::before { background: var(--success); }
.ranking .key.partial::before { background: var(--partial); }
.ranking .key.failed::before { background: var(--failed); }
.ranking .key.unreadable::before { background: var(--unreadable); }
.part { display: block; grid-row: 2; grid-column: 1 / -1; width: 100%; height: 0.25rem; border-radius: 99px; background: var(--sunken); }
.topics { display: flex; flex-wrap: wrap; gap: 0.375rem; padding: 0; list-style: none; }
.topics li { min-width: 0; max-width: 100%; overflow-wrap: anywhere; }
.cloud a { display: flex; gap: 0.4375rem; padding: 0.1875rem 0.6875rem; border: 1px solid var(--line); border-radius: 99px; background: var(--surface); color: inherit; font-size: var(--small); text-decoration: none; }
.cloud a:hover { border-color: var(--accent); }
.narrowed .bars a:not([aria-current], :hover) rect:not(.column), .narrowed a:not([aria-current], :hover) .part { opacity: 0.35; }
.ranking a[aria-current] { background: var(--accent-soft); }
.cloud a[aria-current] { border-color: var(--accent); background: var(--accent-soft); }
@media (max-width: 66rem) {
  .panels { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media (max-width: 38rem) {
  /* One beside the other, so that the list is not far. */
  .panels { display: flex; gap: 0.75rem; margin: 0 -1rem; padding: 0 1rem 0.5rem; overflow-x: auto; scroll-snap-type: x mandatory; scroll-padding: 1rem; }
  .panel { flex: 0 0 min(86%, 20rem); scroll-snap-align: start; }
  .cloud li:nth-child(n + 10) { display: none; }
  .session-facts { gap: 0.75rem 1.75rem; }
}
@media print {
  .panels { grid-template-columns: repeat(2, minmax(0, 1fr)); overflow: visible; }
}
`;

/** The one style sheet of the page; its hash stands in the page's policy. */
export const LEDGER_STYLE = THEME_STYLE + OVERVIEW_STYLE + LIST_STYLE;
