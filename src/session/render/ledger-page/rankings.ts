import { formatCount, formatNumber } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { STATE_NAMES, viewLink } from './figures.ts';
import { type SessionRow, STATES } from './session-row.ts';
import { ranked, type Totals } from './tallies.ts';

const SHOWN_PEOPLE = 5;
const SHOWN_TOPICS = 18;
const WIDTH = 100;

/** How sessions ended: one bar of them all, and a line for each outcome, which leads to its sessions. */
export function renderOutcomes({ sessions, states }: Totals): Markup {
  const shown = STATES.filter((state) => states[state] > 0);
  let x = 0;
  const parts = shown.map((state) => {
    const width = (states[state] / Math.max(1, sessions)) * WIDTH;
    x += width;
    return html`<rect class="${state}" x="${round(x - width)}" y="0" width="${round(width)}" height="1"/>`;
  });
  const told = shown.map((state) => `${formatNumber(states[state])} ${STATE_NAMES[state].toLowerCase()}`).join(', ');
  const lines = shown.map((state) => ({
    filter: { outcome: state },
    name: STATE_NAMES[state],
    count: states[state],
    kind: state,
  }));
  return html`<figure class="panel" data-chart="outcomes">
<figcaption><h2>Outcomes</h2></figcaption>
<svg class="whole" viewBox="0 0 ${WIDTH} 1" preserveAspectRatio="none" role="img" aria-label="Outcomes: ${told}"><title>Outcomes</title><desc>${told}</desc>${parts}</svg>
<ul class="ranking">${lines.map((line) => renderLine(line, sessions))}</ul>
</figure>
`;
}

/** Who had the most sessions; the others are in the list of the tool bar. */
export function renderPeople(rows: readonly SessionRow[]): Part {
  const people = ranked(rows, ({ who }) => [who]);
  if (people.length === 0) return undefined;
  const most = people[0]?.[1] ?? 1;
  const rest = people.length - SHOWN_PEOPLE;
  return html`<figure class="panel" data-chart="people">
<figcaption><h2>People</h2><span class="peak">${formatNumber(people.length)}</span></figcaption>
<ul class="ranking measured">${people.slice(0, SHOWN_PEOPLE).map(([name, count]) => renderLine({ filter: { who: name }, name, count }, most))}</ul>
${when(rest > 0, () => html`<p class="hint">and ${formatNumber(rest)} more, in the filter below</p>\n`)}</figure>
`;
}

/** What sessions were about, most of all. */
export function renderTopics(rows: readonly SessionRow[]): Part {
  const topics = ranked(rows, (row) => row.topics);
  if (topics.length === 0) return undefined;
  return html`<figure class="panel wide" data-chart="topics">
<figcaption><h2>Topics</h2><span class="peak">${formatNumber(topics.length)}</span></figcaption>
<ul class="topics cloud">${topics.slice(0, SHOWN_TOPICS).map(([topic, count]) => html`<li><a class="by" href="${viewLink({ topic })}">${topic}<span class="count"><span class="unseen">, </span>${formatNumber(count)}<span class="unseen"> ${count === 1 ? 'session' : 'sessions'}</span></span></a></li>\n`)}</ul>
</figure>
`;
}

interface Line {
  readonly filter: Readonly<Record<string, string>>;
  readonly name: string;
  readonly count: number;
  /** One of ours, never content. */
  readonly kind?: string;
}

function renderLine({ filter, name, count, kind }: Line, of: number): Markup {
  const share = (count / Math.max(1, of)) * WIDTH;
  const bar = html`<svg class="part" viewBox="0 0 ${WIDTH} 1" preserveAspectRatio="none" aria-hidden="true"><rect class="${kind ?? 'spent'}" x="0" y="0" width="${round(share)}" height="1"/></svg>`;
  return html`<li><a class="by" href="${viewLink(filter)}" title="${name}: ${formatCount(count, 'session')}"><span class="key ${kind ?? 'spent'}">${name}</span>${when(kind === undefined, () => bar)}<span class="count">${formatNumber(count)}</span></a></li>\n`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
