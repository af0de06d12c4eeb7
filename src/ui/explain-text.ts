import { HOUR_MS, isoTime, parseTime } from '../clock.ts';
import type { ExplainedFacts, Explanation } from '../explanation.ts';
import type { VerdictName } from '../session/classify.ts';
import { formatAgo, formatCount, formatFindings, formatSize, shellQuoted } from './format.ts';
import { paint, printable } from './style.ts';

/** One block for each session: what it is, why, what comes next, and the facts behind it. */
export function formatExplanations(explanations: readonly Explanation[], now: number): string {
  if (explanations.length === 0) return 'there is no session here';
  return explanations.map((explanation) => formatExplanation(explanation, now)).join('\n\n');
}

function formatExplanation(explanation: Explanation, now: number): string {
  const { session, verdict, rule, reason, facts } = explanation;
  const rows: readonly Row[] = [
    ['why', reason],
    ['rule', rule],
    ['next', nextStep(explanation)],
    ['folder', facts.folder],
    ['told', toldText(facts)],
    ['excluded', facts.excluded_by && reason.includes(facts.excluded_by) ? '' : facts.excluded_by],
    ['recording', recordingText(facts)],
    ['artifacts', facts.missing.length === 0 ? 'all there' : `missing: ${facts.missing.join(', ')}`],
    ['summary', summaryText(facts)],
    ['recorder', recorderText(facts, now)],
    ['transcript', transcriptText(facts, now)],
    ['markers', markersText(facts)],
    ['git', gitText(facts)],
    ['secrets', secretsText(explanation)],
    ['unsearched', unsearchedText(facts)],
    ['left out', leftOutText(facts)],
    ['remembered', rememberedText(facts)],
  ];
  const title = `${paint.bold(printable(session))}  ${colourOf(verdict)(verdict)}`;
  return [title, ...rows.flatMap(formatRow)].join('\n');
}

type Row = readonly [label: string, text: string | undefined];

const LABEL_WIDTH = 11;

function formatRow([label, text]: Row): string[] {
  return text ? [`  ${paint.dim(label.padEnd(LABEL_WIDTH))}${printable(text)}`] : [];
}

function colourOf(verdict: VerdictName) {
  if (verdict === 'finished') return paint.green;
  return verdict === 'unreadable' || verdict === 'foreign' ? paint.red : paint.yellow;
}

/** What would change the verdict. */
function nextStep({ session, verdict, rule, facts }: Explanation): string {
  const name = shellQuoted(session);
  const again = `agentwork finalize --again ${name} summarises it anew`;
  const upgrade = `agentwork finalize --upgrade ${name} has an agent summarise it`;
  switch (verdict) {
    case 'abandoned':
    case 'missing-artifacts':
    case 'stale-artifacts':
      return `agentwork finalize ${name} finishes it`;
    case 'unpushed':
      if (rule === 'unclean')
        return 'the next agentwork finalize searches them again, and pushes it when they are gone';
      return rule === 'not_pushed'
        ? 'the next agentwork finalize pushes it, or says why it cannot'
        : `agentwork finalize ${name} commits it`;
    case 'recording':
      return waitingText(rule, facts);
    case 'draft':
      return 'it is finished when its recorder has ended';
    case 'held':
      return heldText(rule);
    case 'pointer':
      return pointerText(name, facts);
    case 'ghost':
      return 'agentwork cleanup takes it away where nothing else is in its folder';
    case 'header-only':
      return 'nothing: there is nothing to summarise';
    case 'downloaded':
      return 'nothing: whoever recorded it finishes it';
    case 'local-only':
      return rule === 'judged_withheld' ? `the next day, or agentwork finalize ${name}, which asks no agent` : again;
    case 'given-up':
      return facts.upgradable ? upgrade : again;
    case 'unreadable':
      return rule === 'judged_unreadable'
        ? `when its files are mended, ${again}`
        : 'when it can be read, it is looked at again';
    case 'foreign':
      return 'nothing: it is left alone';
    case 'finished':
      if (rule === 'finished_at_remote') return 'git pull brings it here';
      return facts.upgradable ? upgrade : 'nothing';
  }
}

function heldText(rule: string): string {
  if (rule === 'excluded') return 'nothing, as long as that pattern stands in agentwork.exclude';
  return rule === 'held' ? 'it is finished when .held is gone' : 'its recorder has to sort it out';
}

function pointerText(name: string, { raw }: ExplainedFacts): string {
  if (raw.content === 'without-lfs')
    return 'install git-lfs: the next agentwork finalize brings its content then, as git lfs pull would';
  if (raw.content !== 'lacking') return 'git lfs pull brings its content, and then it is finished';
  return `git lfs push --all origin, where the content is; then agentwork finalize --again ${name}`;
}

function waitingText(rule: string, { marker }: ExplainedFacts): string {
  if (rule === 'pid_alive') return 'it counts as abandoned when that process has ended';
  if (rule === 'still_growing') return 'it is finished when its last entry is 10 minutes old';
  if (rule !== 'time_not_reached') return 'it counts as abandoned 10 minutes after the last sign of life';
  const signs = [marker?.started_at ?? marker?.changed_at, marker?.last_hook_at, marker?.last_growth_at];
  const last = Math.max(...signs.map(parseTime).filter((time) => time !== undefined));
  return `it counts as abandoned after 24 hours of silence, at ${isoTime(last + 24 * HOUR_MS)}`;
}

/** What patterns are compared with. */
function toldText({ users = [], branches = [], paths = [] }: ExplainedFacts): string {
  const told = [
    ['user', users],
    ['branch', branches],
    ['path', paths],
  ] as const;
  const parts = told.flatMap(([what, values]) => (values.length > 0 ? [`${what} ${values.join(', ')}`] : []));
  return parts.join('; ');
}

function recordingText({ raw, place, summarised }: ExplainedFacts): string {
  const size = raw.bytes === undefined ? '' : `, ${formatSize(raw.bytes)}`;
  const entries = raw.entries === undefined ? '' : `, ${formatCount(raw.entries)} entries`;
  const of = summarised
    ? `; summarised: ${formatCount(summarised.entries)} entries, ${formatSize(summarised.bytes)}`
    : '';
  const content =
    { here: ', its content in this clone', elsewhere: ', its content elsewhere' }[raw.content ?? ''] ?? '';
  return `raw.jsonl: ${raw.state}${size}${entries}${content}${raw.reason ? ` (${raw.reason})` : ''}, in the ${place}${of}`;
}

function summaryText({ quality }: ExplainedFacts): string {
  if (!quality) return '';
  const { provider, category, score, reason } = quality;
  const judged = [category, score === undefined ? undefined : `score ${score}`].filter((part) => part !== undefined);
  const parts = [
    provider === undefined ? '' : `by ${provider}`,
    judged.length === 0 ? 'not judged' : `judged ${judged.join(', ')}`,
    reason ?? '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function recorderText({ marker, liveness }: ExplainedFacts, now: number): string | undefined {
  if (!marker || !liveness) return undefined;
  const parts = [
    liveness.state,
    marker.came_through_git ? 'its marker came through git' : processText(marker),
    marker.readable
      ? ago('started', marker.started_at, now)
      : ago('its marker is torn, changed', marker.changed_at, now),
    ago('stopped', marker.stopped_at, now),
    ago('last hook', marker.last_hook_at, now),
    ago('last growth', marker.last_growth_at, now),
    ago('last spoken', marker.last_spoken_at, now),
    marker.pauses === undefined ? '' : `pauses: ${marker.pauses}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function processText({ pid, process }: { readonly pid?: number; readonly process: string }): string {
  return pid === undefined ? 'no process known' : `process ${pid} ${process}`;
}

function transcriptText({ transcript, marker }: ExplainedFacts, now: number): string | undefined {
  if (transcript.state === 'none') return marker ? 'none found' : undefined;
  if (transcript.state === 'unclear') return `${transcript.path}: ${transcript.reason}`;
  const how = {
    marker: 'named by the marker',
    session_id: 'found by its session id',
    agent_id: 'found by its agent id',
  };
  const foundBy = how[transcript.found_by as keyof typeof how];
  return `${transcript.path} (${foundBy}), ${formatSize(transcript.bytes ?? 0)}, ${ago('changed', transcript.changed_at, now)}`;
}

function markersText(facts: ExplainedFacts): string {
  const markers = [
    facts.marker && '.recording.json',
    facts.held && '.held',
    facts.downloaded && '.downloaded',
    facts.summary_owed && '.needs-summary',
    facts.draft && 'draft in meta.json',
    facts.meta === 'unreadable' && 'meta.json unreadable',
  ];
  return markers.filter((marker) => typeof marker === 'string').join(', ');
}

function gitText({ committed, pushed, finished_in: finishedIn }: ExplainedFacts): string {
  const parts = [
    committed === undefined ? '' : committed ? 'committed' : 'not committed',
    committed === true && pushed !== undefined ? (pushed ? 'pushed' : 'not pushed') : '',
    finishedIn === undefined ? '' : `finished in ${finishedIn}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Nothing where nobody looked. */
function secretsText(explanation: Explanation): string {
  const { findings } = explanation.facts;
  if (findings === undefined) return '';
  if (Object.keys(findings).length === 0) return 'none found';
  return `${formatFindings(findings)}; ${remedyText(explanation)}`;
}

/** What takes secrets out of a session: its finishing where no commit holds it, a person's command where one does. */
function remedyText({ session, verdict, rule, facts }: Explanation): string {
  const command = `agentwork cleanup --redact ${shellQuoted(session)}`;
  if (facts.place === 'cache') return 'its copy is cleaned when it enters the ledger';
  if (verdict === 'recording' || verdict === 'draft')
    return `replaced once its recorder has ended, when it is finished`;
  if (facts.committed === true) return `${command} replaces them`;
  const isToFinish =
    ['abandoned', 'missing-artifacts', 'stale-artifacts'].includes(verdict) || rule === 'not_committed';
  const committed = `${command} replaces what a commit holds`;
  return isToFinish ? `replaced when it is finished; ${committed}` : `${committed}; do not commit it by hand`;
}

function unsearchedText({ unsearched = {} }: ExplainedFacts): string {
  return Object.entries(unsearched)
    .map(([file, reason]) => `${file}: ${reason}`)
    .join('; ');
}

function leftOutText({ left_out: leftOut = [] }: ExplainedFacts): string {
  return leftOut.map(({ file, reason }) => `${file} is not committed: ${reason}`).join('; ');
}

function rememberedText({ remembered, attempts, last_error: lastError }: ExplainedFacts): string {
  const parts = [
    remembered ? `${remembered.verdict}: ${remembered.reason}` : '',
    attempts === undefined ? '' : `${attempts} failed attempts`,
    lastError === undefined ? '' : `the last error: ${lastError}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** `started 2h 10m ago`; a time ahead of our clock says so. */
function ago(what: string, time: string | undefined, now: number): string {
  const at = parseTime(time);
  if (at === undefined) return '';
  return at > now ? `${what} at ${time}, ahead of this clock` : `${what} ${formatAgo(now - at)}`;
}
