const UNKNOWN = undefined;

/** As users of Claude Code saw them, 2025 to 2026, with when they end as seen from 2026-03-06T10:00:00Z. */
export const USED_UP: readonly [said: string, resetsAt: string | undefined][] = [
  ["You've hit your limit · resets 4:50am (Europe/Rome)", '2026-03-07T03:50:00.000Z'],
  ["You've hit your limit · resets May 5 at 9pm (America/New_York)", '2026-03-13T10:00:00.000Z'],
  ["You've hit your session limit · resets 8:30pm (Asia/Tokyo)", '2026-03-06T11:30:00.000Z'],
  [
    "You've hit your session limit · resets 5:40pm (Europe/Berlin)\n/login to switch to an API usage-billed account.",
    '2026-03-06T16:40:00.000Z',
  ],
  [
    "You've hit your weekly limit · resets 3am (Europe/London)\n/usage-credits to finish what you’re working on.",
    '2026-03-07T03:00:00.000Z',
  ],
  ['You’ve hit your Opus limit · resets 12:00pm (UTC)', '2026-03-06T12:00:00.000Z'],
  ["You've hit your org's monthly usage limit", UNKNOWN],
  ["You've hit your monthly spend limit · raise it at claude.ai/settings/usage?from=cc_cli_limit_message", UNKNOWN],
  ["You've hit your monthly spend limit.\n/usage-credits to adjust your monthly spend limit.", UNKNOWN],
  [
    "You've hit your individual spend limit · run /usage-credits to ask your admin for a higher limit · your session limit resets 6:50pm (Asia/Tokyo)",
    '2026-03-07T09:50:00.000Z',
  ],
  ["You've hit your team's shared budget", UNKNOWN],
  ["You've reached your Fable limit.", UNKNOWN],
  ["You're out of extra usage · resets Mar 10, 8pm (Europe/Budapest)", '2026-03-10T19:00:00.000Z'],
  ["You're out of extra usage. Add more at claude.ai/settings/usage and keep going.", UNKNOWN],
  ["You're out of usage credits · resets 12:30pm (America/New_York)", '2026-03-06T17:30:00.000Z'],
  ['Claude AI usage limit reached|1772798400', '2026-03-06T12:00:00.000Z'],
  [
    'Claude usage limit reached. Your limit will reset at 5pm (Europe/Warsaw).\n/upgrade to increase your usage limit.',
    '2026-03-06T16:00:00.000Z',
  ],
  [
    '5-hour limit reached · resets 2pm (Pacific/Auckland) · /upgrade to Max 20x or turn on /extra-usage',
    '2026-03-07T01:00:00.000Z',
  ],
  ['5-hour limit reached ∙ resets 18:00 (UTC)', '2026-03-06T18:00:00.000Z'],
  ['Weekly limit reached · resets Mar 9, 7pm (Europe/Moscow) ·', '2026-03-09T16:00:00.000Z'],
  ['Fable 5 limit reached', UNKNOWN],
  ['Opus weekly limit reached ∙ resets Mar 9, 7pm (UTC)', '2026-03-09T19:00:00.000Z'],
  [
    'API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-03-08 at 00:00 UTC."}}',
    '2026-03-08T00:00:00.000Z',
  ],
  [
    'API Error: 400 You have reached your specified workspace API usage limits. You will regain access on 2026-04-01 at 00:00 UTC.',
    '2026-03-13T10:00:00.000Z',
  ],
  [
    'API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":"You\'re out of extra usage. Add more at claude.ai/settings/usage and keep going."},"request_id":"req_x"}',
    UNKNOWN,
  ],
  ['API Error: Request rejected (429) · Usage limit reached for 5 hour. Your limit will reset later.', UNKNOWN],
  ['API Error: 429 Too many tokens per day, please wait before trying again.', UNKNOWN],
  ['API Error: 429 Number of request tokens has exceeded your daily rate limit', UNKNOWN],
];
