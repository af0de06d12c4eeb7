import { unveiled } from './hidden-text.ts';
import { type Finding, isSuspicious, scanText } from './secret-scan.ts';

const LONGEST_KEY = 100;
const LONGEST_VALUE = 10_000;

/** Is the value a secret because of its key? Asked as if both stood on one line. */
export function ruleForKey(name: string, content: string): Finding['rule'] | undefined {
  if (name.length > LONGEST_KEY * 4 || content.length > LONGEST_VALUE * 4) return undefined;
  const [key, value] = [unveiled(name), unveiled(content).trim()];
  if (key.length > LONGEST_KEY || value.length > LONGEST_VALUE || /\s/.test(value)) return undefined;
  if (!isSuspicious(`${key}=`)) return undefined;
  const line = `${key}="${value.replace(/["'`\\]/g, '_')}"`;
  return scanText(line).findings.find(({ start }) => start === key.length + 2)?.rule;
}
