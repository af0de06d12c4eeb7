import { type RedactRule, token } from './rule.ts';

/** Header, body and footer, whatever stands before each line; without a footer, the lines that are base64. */
export const PRIVATE_KEY: RedactRule = {
  // Whatever it is called in a comment or a file name: nobody needs to see one.
  ...token('private_key', 'PRIVATE_KEY', '-----begin', privateKey()),
  accept: () => true,
};

function privateKey(): RegExp {
  const header = '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
  const footer = '-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
  const whole = `[^-]{0,16000}(?:-(?!----)[^-]{0,16000}){0,300}-?${footer}`;
  const lines = '(?:(?:\\\\{1,8}[nrt]|[\\s"\'+-]|\\d{1,6}[→:|])*[A-Za-z0-9+/=]{20,})*';
  return new RegExp(`${header}(?:${whole}|${lines})`);
}
