import { DAY_MS } from '../../../clock.ts';
import { formatCount, formatNumber } from '../labels.ts';
import { html, type Markup, type Part, when } from '../markup.ts';
import { formatCost, formatDay, formatMonth, formatTokens, STATE_NAMES, viewLink } from './figures.ts';
import { STATES } from './session-row.ts';
import { type Totals, WEEK_MS, type Week, type Weeks } from './tallies.ts';

// Units of the drawing, which is stretched to the width of its panel.
const COLUMN = 10;
const BAR = 7;
const HEIGHT = 100;
/** Where a week has little, there is still something to see. */
const LEAST_BAR = 1.5;
const AXIS_LABELS = 4;

/** How many sessions each week brought, and how they ended; a column leads to its week. */
export function renderSessionWeeks({ weeks, outside }: Weeks): Markup {
  const busiest = Math.max(1, ...weeks.map(({ sessions }) => sessions));
  return html`<figure class="panel wide" data-chart="weeks">
<figcaption><h2>Sessions per week</h2><span class="peak">up to ${formatNumber(busiest)} a week</span></figcaption>
<svg class="bars" viewBox="0 0 ${weeks.length * COLUMN} ${HEIGHT}" preserveAspectRatio="none" role="group" aria-label="Sessions per week, by outcome">
${weeks.map((week, index) => renderColumn(week, index, busiest))}</svg>
${renderAxis(weeks)}${renderValues(weeks)}${when(outside > 0, () => html`<p class="hint">${formatCount(outside, 'session')} of other times, or of none, ${outside === 1 ? 'is' : 'are'} not drawn.</p>\n`)}</figure>
`;
}

/** What summaries took, week by week; nothing where no summary tells. */
export function renderSpending({ weeks }: Weeks, { tokens, costUsd }: Totals): Part {
  return [
    when(tokens !== undefined, () =>
      renderSeries({
        title: 'Tokens of summaries',
        total: tokens ?? 0,
        weeks,
        values: weeks.map((week) => week.tokens),
        format: formatTokens,
      }),
    ),
    when(costUsd !== undefined, () =>
      renderSeries({
        title: 'Cost of summaries',
        total: costUsd ?? 0,
        weeks,
        values: weeks.map((week) => week.costUsd),
        format: formatCost,
      }),
    ),
  ];
}

interface Series {
  readonly title: string;
  readonly total: number;
  readonly weeks: readonly Week[];
  /** One for each week. */
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

function renderColumn(week: Week, index: number, busiest: number): Markup {
  const from = formatDay(week.startMs);
  const parts = STATES.filter((state) => week.states[state] > 0);
  const told = parts.map((state) => `${formatNumber(week.states[state])} ${STATE_NAMES[state].toLowerCase()}`);
  const label = `Week of ${from}: ${formatCount(week.sessions, 'session')}${told.length > 0 ? `, ${told.join(', ')}` : ''}`;
  const x = index * COLUMN;
  if (week.sessions === 0)
    return html`<rect class="column" x="${x}" y="0" width="${COLUMN}" height="${HEIGHT}"><title>${label}</title></rect>\n`;
  let top = HEIGHT;
  const bars = parts.map((state) => {
    const height = Math.max(LEAST_BAR, (week.states[state] / busiest) * HEIGHT);
    top = Math.max(0, top - height);
    return renderBar(state, x, top, height);
  });
  const link = viewLink({ from, to: formatDay(week.startMs + WEEK_MS - DAY_MS) });
  return html`<a class="by" href="${link}" aria-label="${label}"><title>${label}</title><rect class="column" x="${x}" y="0" width="${COLUMN}" height="${HEIGHT}"/>${bars}</a>\n`;
}

function renderSeries({ title, total, weeks, values, format }: Series): Markup {
  const highest = Math.max(...values);
  const peak = weeks[values.indexOf(highest)];
  const about = `${format(total)} in all; the most, ${format(highest)}, in the week of ${formatDay(peak?.startMs ?? 0)}`;
  const bars = values.map((value, index) => {
    const height = Math.max(LEAST_BAR, (value / highest) * HEIGHT);
    return value === 0 ? html`` : renderBar('spent', index * COLUMN, HEIGHT - height, height);
  });
  return html`<figure class="panel">
<figcaption><h2>${title}</h2></figcaption>
<p class="figure">${format(total)} <span class="peak">up to ${format(highest)} a week</span></p>
<svg class="bars low" viewBox="0 0 ${weeks.length * COLUMN} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title} by week: ${about}"><title>${title} by week</title><desc>${about}</desc>${bars}</svg>
</figure>
`;
}

function renderBar(kind: string, x: number, y: number, height: number): Markup {
  return html`<rect class="${kind}" x="${x + (COLUMN - BAR) / 2}" y="${round(y)}" width="${BAR}" height="${round(height)}"/>`;
}

function renderAxis(weeks: readonly Week[]): Markup {
  const marks = Array.from(
    { length: AXIS_LABELS },
    (_, index) => weeks[Math.round(((weeks.length - 1) * index) / (AXIS_LABELS - 1))],
  );
  return html`<p class="axis" aria-hidden="true">${marks.map((week) => html`<span>${formatMonth(week?.startMs ?? 0)}</span>`)}</p>
`;
}

/** The same in numbers, for whoever reads rather than looks. */
function renderValues(weeks: readonly Week[]): Markup {
  const rows = weeks.filter(({ sessions }) => sessions > 0).toReversed();
  return html`<details class="values"><summary>As a table</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Weeks"><table><thead><tr><th scope="col">Week of</th><th scope="col">Sessions</th>${STATES.map((state) => html`<th scope="col">${STATE_NAMES[state]}</th>`)}<th scope="col">Tokens</th><th scope="col">Cost</th></tr></thead>
<tbody>${rows.map(
    (week) =>
      html`<tr><td>${formatDay(week.startMs)}</td><td>${formatNumber(week.sessions)}</td>${STATES.map((state) => html`<td>${formatNumber(week.states[state])}</td>`)}<td>${formatTokens(week.tokens)}</td><td>${formatCost(week.costUsd)}</td></tr>\n`,
  )}</tbody></table></div></details>
`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
