import { cleanText, cutText, oneLine } from './plain-text.ts';

/** The longest mark, with its two line ends. */
const MARK_MAX = 48;

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text that cannot close an element or an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => XML_ENTITIES[char] ?? char);
}

/** Text of others as it may stand between tags: without control characters, escaped. */
export const content = (text: string): string => escapeXml(cleanText(text));

/** Text of others as it may stand in an attribute: one line of at most `max` characters before they are escaped. */
export const attribute = (text: string, max: number): string => escapeXml(cutText(oneLine(text), max));

/**
 * The beginning and the end of an escaped text, and between them how much is missing; at most `max` characters, which
 * has to be more than the mark takes.
 */
export function keepEnds(escaped: string, max: number): string {
  if (escaped.length <= max) return escaped;
  const half = Math.max(0, Math.floor((max - MARK_MAX) / 2));
  const head = wholeEnd(escaped.slice(0, half));
  const tail = wholeStart(escaped, escaped.length - half);
  const missing = escaped.slice(head.length, escaped.length - tail.length).replace(/&[a-z]+;/g, '.').length;
  return `${head}\n[...${missing} characters left out]\n${tail}`;
}

/** Ends before an entity or a surrogate pair that was cut through. */
const wholeEnd = (head: string): string => head.replace(/(?:&[a-z]*|[\ud800-\udbff])$/, '');

function wholeStart(escaped: string, from: number): string {
  const isInEntity = /&[a-z]*$/.test(escaped.slice(Math.max(0, from - 5), from));
  return escaped.slice(isInEntity ? escaped.indexOf(';', from) + 1 : from).replace(/^[\udc00-\udfff]/, '');
}
