/** How the activity strip looks. Shades of the accent for what tools did; speech is grey, so that work stands out. */
export const ACTIVITY_STYLE = `
.activity { --speech: light-dark(#d6d4cc, #3c3f47); --read: light-dark(#b9c0ee, #4a5396); --run: light-dark(#7a87dd, #737fd0); --edit: light-dark(#3d4fc4, #a5b0ff); --other: light-dark(#a79fc9, #665d87); --failure: light-dark(#d0352b, #ff8478); }
.activity { margin: 1rem 0 2.5rem; }
.activity > svg { display: block; width: 100%; height: 6.25rem; overflow: visible; }
.activity .ground { fill: light-dark(#f1f0ec, #191b1f); }
.activity a > rect { y: 0; height: 82px; fill: transparent; }
.activity a:hover > rect:first-of-type { fill: light-dark(rgb(27 28 31 / 0.06), rgb(255 255 255 / 0.07)); }
.activity a > :is(.of-error, .of-user) { width: 4px; height: 7px; rx: 2px; transform: translate(1px); fill: var(--hue); pointer-events: none; }
.activity a > .of-error { y: 3px; }
.activity a > .of-user { y: 76px; }
.of-assistant { --hue: var(--speech); fill: var(--hue); }
.of-read { --hue: var(--read); fill: var(--hue); }
.of-run { --hue: var(--run); fill: var(--hue); }
.of-edit { --hue: var(--edit); fill: var(--hue); }
.of-other { --hue: var(--other); fill: var(--hue); }
.of-error { --hue: var(--failure); fill: var(--hue); }
.of-user { --hue: var(--ink); fill: var(--hue); }
.activity .gap { fill: var(--paper); }
.activity text { fill: var(--muted); font: 500 0.6875rem var(--sans); font-variant-numeric: tabular-nums; }
.activity .pause text { text-anchor: middle; writing-mode: vertical-rl; }
@media (max-width: 48rem) { .pause text { display: none; } }
.chapter-mark line { stroke: light-dark(#c9c7bf, #3a3d45); stroke-width: 1px; }
.chapter-mark:hover line { stroke: var(--accent); }
.chapter-mark:hover text { fill: var(--accent); }
.ends { display: flex; justify-content: space-between; margin-top: 0.25rem; color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.activity figcaption { display: flex; flex-wrap: wrap; gap: 0.25rem 1.125rem; margin-top: 0.625rem; color: var(--muted); font-size: var(--small); }
.key::before { content: ""; display: inline-block; width: 0.625rem; height: 0.625rem; margin-right: 0.4375rem; border-radius: 2px; background: var(--hue); }
`;
