import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { visibleText } from '../escape.ts';
import { html, type Markup, trusted } from '../markup.ts';
import { ColourWriter } from './code-colours.ts';

/** Longer code is shown plain: colours are not worth the time that they take there. */
const HIGHLIGHT_CHARS = 8 * 1024;

const LANGUAGES = { bash, css, diff, go, javascript, json, python, ruby, rust, sql, typescript, xml, yaml };

const highlight = highlighter.newInstance();
highlight.configure({ __emitter: ColourWriter });
for (const [name, language] of Object.entries(LANGUAGES)) highlight.registerLanguage(name, language);

/** Code with its colours, when the language is one of ours. Our own writer escapes what the highlighter finds. */
export function renderCode(code: string, language: string): Markup {
  const name = language.trim().split(/\s/, 1)[0]?.toLowerCase() ?? '';
  if (code.length > HIGHLIGHT_CHARS || highlight.getLanguage(name) === undefined) return html`${code}`;
  return trusted(highlight.highlight(visibleText(code), { language: name, ignoreIllegals: true }).value);
}
