/** The list of sessions and what finds them; rows become cards where there is little room. */
export const LIST_STYLE = `
.list { margin-top: 2rem; padding-bottom: 2rem; }
.ledger .toolbar { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin: 0 -0.5rem; padding: 0.75rem 0.5rem; background: var(--paper); }
:root:not(.js) .toolbar, :root:not(.js) .with-script, .js .without-script { display: none !important; }
.toolbar #search { flex: 1 1 16rem; height: 2.25rem; font-size: 0.875rem; }
.toolbar select, .toolbar input[type="date"] { height: 2.25rem; padding: 0 0.5rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); font: 500 var(--small) var(--sans); }
.toolbar select { flex: 0 1 9.5rem; min-width: 0; max-width: 9.5rem; text-overflow: ellipsis; }
.toolbar input[type="date"] { flex: none; width: 8.25rem; }
.ledger .toolbar button { height: 2.25rem; }
.ledger .toolbar .set { border-color: var(--accent); background: var(--accent-soft); }
.span { display: inline-flex; gap: 0.375rem; align-items: center; color: var(--muted); font-size: var(--small); }
.found { padding: 0.125rem 0 0.5rem; color: var(--muted); font-size: var(--small); font-variant-numeric: tabular-nums; }
.found:empty { display: none; }
.sessions { width: 100%; table-layout: fixed; }
.sessions th, .sessions td { padding: 0.875rem 1rem 0.875rem 0; overflow-wrap: break-word; }
.sessions thead th { padding: 0.375rem 1rem 0.375rem 0; }
.sessions tr > :last-child { padding-right: 0; }
.sessions thead button { display: inline-flex; vertical-align: middle; gap: 0.25em; height: 1.25rem; align-items: center; padding: 0; border: 0; background: none; color: var(--muted); font: 600 0.75rem var(--sans); }
.js .sessions thead button { cursor: pointer; }
.js .sessions thead button:hover, .sessions [aria-sort] button { color: var(--ink); }
.sessions thead button::after { content: ""; display: inline-block; width: 1em; }
.sessions [aria-sort="ascending"] button::after { content: "↑"; }
.sessions [aria-sort="descending"] button::after { content: "↓"; }
.of-who { width: 11rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.of-when { width: 9.5rem; white-space: nowrap; }
.of-outcome { width: 7.5rem; }
.of-tokens { width: 5rem; }
.of-cost { width: 5rem; }
.sessions .of-tokens, .sessions .of-cost { text-align: right; font-variant-numeric: tabular-nums; }
.sessions.unpaid :is(.of-tokens, .of-cost) { display: none; }
.sessions thead .of-tokens button, .sessions thead .of-cost button { flex-direction: row-reverse; }
.sessions td { color: var(--muted); font-size: var(--small); line-height: 1.5rem; font-variant-numeric: tabular-nums; }
.sessions tbody th { color: var(--ink); font-weight: 400; }
.sessions .title { font-size: 0.9375rem; line-height: 1.5rem; font-weight: 600; color: inherit; text-decoration: none; }
.sessions a.title:hover { color: var(--accent); text-decoration: underline; }
.gist { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; max-width: 44rem; margin-top: 0.125rem; overflow: hidden; color: var(--muted); font-size: 0.8125rem; line-height: 1.25rem; }
.places { margin-top: 0.25rem; overflow: hidden; color: var(--muted); font-size: 0.75rem; }
.places code { display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font-size: 0.75rem; }
.trouble { margin-top: 0.25rem; color: var(--warn); font-size: var(--small); }
.sessions .topics { margin-top: 0.4375rem; }
.sessions .topics li, .sessions .topics a { color: var(--muted); font-size: 0.75rem; line-height: 1.25rem; text-decoration: none; }
.sessions .topics li { padding: 0 0.5rem; border-radius: 99px; background: var(--sunken); }
.sessions td a { color: inherit; text-decoration: none; }
.sessions .topics a:hover, .sessions td a:hover { color: var(--accent); text-decoration: underline; }
.sessions .badge { padding: 0.125rem 0.5rem; font-size: 0.75rem; white-space: nowrap; }
.badge.waiting { color: var(--muted); }
.badge.unreadable { color: var(--warn); background: none; border: 1px dashed currentColor; }
.sessions mark { color: var(--ink); }
.unit { display: none; }
.nothing { padding: 3rem 0; color: var(--muted); text-align: center; }
.more { display: block; width: 100%; margin: 1.25rem 0 2.5rem; padding: 0.625rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); font: 550 0.875rem var(--sans); cursor: pointer; }
.more:hover { border-color: var(--accent); }
.more[hidden], .nothing[hidden], #clear[hidden] { display: none; }
@media (max-width: 60rem) {
  .ledger .toolbar { position: static; }
  .toolbar #search { flex-basis: 100%; }
  .toolbar select { flex: 1 1 8rem; max-width: none; }
  .sessions, .sessions tbody { display: block; }
  .sessions thead { display: block; overflow-x: auto; border-bottom: 1px solid var(--line); }
  .sessions thead tr { display: flex; gap: 1.125rem; }
  .sessions thead th { display: block; flex: none; width: auto; padding: 0.375rem 0; border: 0; }
  .sessions thead .of-tokens button, .sessions thead .of-cost button { flex-direction: row; }
  .sessions tbody tr { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; padding: 1rem 0; border-bottom: 1px solid var(--line); }
  .sessions tbody th, .sessions tbody td { display: block; width: auto; padding: 0; border: 0; text-align: left; }
  .sessions tbody th { flex: 1 0 100%; max-width: 100%; }
  .sessions tbody .of-who { white-space: normal; }
  .sessions tbody .of-outcome { order: -1; }
  .sessions tbody .of-when { order: -1; }
  .sessions tbody td:empty { display: none; }
  .unit { display: inline; }
}
@media print {
  .list { margin-top: 1.5rem; }
  .panel, .sessions tr { break-inside: avoid; }
  .more, .values, .found, .with-script { display: none !important; }
  .key::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .sessions thead { display: table-header-group; }
}
`;
