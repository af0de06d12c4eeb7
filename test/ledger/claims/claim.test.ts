import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../../src/clock.ts';
import {
  type Claim,
  claimRef,
  describeClaim,
  expiryOf,
  formatClaim,
  isExpired,
  parseClaim,
} from '../../../src/ledger/claims/claim.ts';

const NOON = Date.UTC(2026, 2, 6, 12);

const CLAIM: Claim = {
  claim_id: '019cb3a0-0000-7000-8000-000000000001',
  clone_id: '5f0c7a54-27d5-4f5e-9a53-1d1f4a7a9c11',
  session: '2026-03-06T10-00-ryan-Ox7f3a',
  host: 'laptop',
  user: 'mia',
  started_at: isoTime(NOON),
  expires_at: isoTime(NOON + HOUR_MS),
  input: 'sha256:00',
  state: 'working',
};

const standing = (claim: Claim | undefined, committedAtMs = NOON) => ({ oid: '0'.repeat(40), committedAtMs, claim });
const written = (more: Record<string, unknown>) => JSON.stringify({ version: 1, ...CLAIM, ...more });

describe('a claim', () => {
  test.each(['working', 'unpushed'] as const)('that is %s is read as it was written', (state) => {
    const claim = { ...CLAIM, state };
    expect(parseClaim(formatClaim(claim))).toEqual(claim);
  });

  test('is one line that says of which version it is', () => {
    expect(formatClaim(CLAIM)).toMatch(/^\{"version":1,"claim_id":"019cb3a0-[^\n]*\}\n$/);
  });

  test('of a session with any name is a claim on it', () => {
    const session = 'wörk "quoted"\n\u0007 \u{1f680}';
    expect(parseClaim(formatClaim({ ...CLAIM, session }))?.session).toBe(session);
  });

  test('keeps what a later version of the same format adds from nobody', () => {
    expect(parseClaim(written({ priority: 7, parts: ['a'] }))).toEqual(CLAIM);
  });

  test.each([
    ['nothing', ''],
    ['words', 'claimed by me'],
    ['half a claim', formatClaim(CLAIM).slice(0, -20)],
    ['a list', '[]'],
    ['null', 'null'],
    ['no version', JSON.stringify(CLAIM)],
    ['another version', written({ version: 2 })],
    ['a version in words', written({ version: '1' })],
    ['no id', written({ claim_id: undefined })],
    ['an id that is no text', written({ claim_id: 7 })],
    ['no clone', written({ clone_id: '' })],
    ['no end', written({ expires_at: undefined })],
    ['an end that is no time', written({ expires_at: 'soon' })],
    ['an end in numbers', written({ expires_at: NOON })],
    ['an end beyond all calendars', written({ expires_at: '+275760-09-13T00:00:00Z' })],
    ['more than any claim says', written({ padding: 'x'.repeat(5000) })],
  ])('is not what says %s', (_, message) => {
    expect(parseClaim(message)).toBeUndefined();
  });

  test('whose names are of the wrong type, or missing, is one all the same', () => {
    const claim = parseClaim(
      written({ host: { name: 'x' }, user: undefined, input: [], started_at: 0, state: 'done' }),
    );
    expect(claim).toEqual({ ...CLAIM, host: '', user: '', input: '', started_at: '', state: 'working' });
  });

  test('shows little of a long name', () => {
    expect(parseClaim(written({ host: 'h'.repeat(3000) }))?.host).toHaveLength(100);
  });
});

describe('the ref of a claim', () => {
  test('is the same for the same session, and another one for another', () => {
    expect(claimRef('a')).toBe(
      `refs/agentwork/claims/${'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'}`,
    );
    expect(claimRef('b')).not.toBe(claimRef('a'));
  });

  test.each(['a b', '../a', 'a..b', 'a.lock', '~^:?*[', '', '日本語'])('can be made for %j', (session) => {
    expect(claimRef(session)).toMatch(/^refs\/agentwork\/claims\/[0-9a-f]{64}$/);
  });
});

describe('a claim ends', () => {
  test('half an hour after an agent would be stopped', () => {
    expect(expiryOf('working', NOON, 5 * MINUTE_MS)).toBe('2026-03-06T12:35:00.000Z');
  });

  test('after a week when what it is for waits for its push', () => {
    expect(expiryOf('unpushed', NOON, 5 * MINUTE_MS)).toBe('2026-03-13T12:00:00.000Z');
  });

  test.each<[string, boolean, ReturnType<typeof standing>, number]>([
    ['stands to its last moment', false, standing(CLAIM), NOON + HOUR_MS],
    ['is over after it', true, standing(CLAIM), NOON + HOUR_MS + 1],
    ['stands for a machine whose clock is behind', false, standing(CLAIM), NOON - HOUR_MS],
    ['that cannot be read stands for a day', false, standing(undefined), NOON + DAY_MS],
    ['that cannot be read is over after it', true, standing(undefined), NOON + DAY_MS + 1],
    ['of no time that cannot be read is over', true, standing(undefined, 0), NOON],
  ])('and %s', (_, isOver, claim, now) => {
    expect(isExpired(claim, now)).toBe(isOver);
  });

  const FOR_EVER = { ...CLAIM, expires_at: '9999-12-31T23:59:59Z' };

  test('eight days after it was made, however late an end it says', () => {
    expect(isExpired(standing(FOR_EVER), NOON + 8 * DAY_MS)).toBe(false);
    expect(isExpired(standing(FOR_EVER), NOON + 8 * DAY_MS + 1)).toBe(true);
  });

  test.each([
    ['a claim', FOR_EVER],
    ['one that cannot be read', undefined],
  ])('at once when it was made more than a day from now: %s', (_, claim) => {
    expect(isExpired(standing(claim, NOON + DAY_MS), NOON)).toBe(false);
    expect(isExpired(standing(claim, NOON + DAY_MS + 1), NOON)).toBe(true);
  });
});

describe('what is said of a claim', () => {
  test.each<[string, Partial<Claim>]>([
    ['claimed by mia on laptop until 2026-03-06 13:00 UTC', {}],
    ['claimed by mia on laptop until 2026-03-06 11:00 UTC', { expires_at: '2026-03-06T13:00:00+02:00' }],
    ['claimed by somebody on another machine until 2026-03-06 13:00 UTC', { user: '', host: '' }],
    ['finished by mia on laptop, whose push is still to come', { state: 'unpushed' }],
  ])('%s', (sentence, more) => {
    expect(describeClaim(standing({ ...CLAIM, ...more }))).toBe(sentence);
  });

  test('where it cannot be read', () => {
    expect(describeClaim(standing(undefined))).toBe('claimed by another version of agentwork');
  });

  test('is one short line of printable text, whatever others wrote', () => {
    const claim = parseClaim(written({ user: 'eve\u001b[2J\u0007\r\n\u202e', host: `\u009b31m${'x '.repeat(900)}` }));
    const said = describeClaim(standing(claim));
    expect(said).toMatch(/^claimed by eve on x x /);
    expect(said).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(said.length).toBeLessThan(200);
  });
});
