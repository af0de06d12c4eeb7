/**
 * How the program and the service say that the allotment of a plan or an account is used up. What stands before "limit"
 * tells whose it is: "hit your org's monthly usage limit", "reached your specified API usage limits", "5-hour limit
 * reached". A limit of requests or tokens per minute is another matter, and so is the size of the context.
 */
export const USED_UP = new RegExp(
  [
    /(?:hit|reached|exceeded|used up) your (?:(?!rate\b|per-|context\b|tokens?\b|output\b)[\w'’.-]+ ){0,5}?(?:limits?|budget)\b/,
    // "Server is temporarily limiting requests (not your usage limit)"
    /(?<!not your )\b(?:usage|session|weekly|monthly|daily|hour|spend|opus|sonnet|haiku) limits?\b/,
    /(?<!\b(?:rate|context|tokens?|turn|budget|requests?) )limit reached/,
    /out of (?:extra )?usage\b|used (?:all|up) (?:of )?your (?:extra )?usage|spend_limit_reached/,
    /daily rate limit|tokens per day/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);
