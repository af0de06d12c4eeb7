/**
 * Light or dark: as the system has it, until the button `#theme` says otherwise, which is remembered. Runs before the
 * page is painted. Makes `root` and the class `js` known to what follows it in the same script.
 */
export const THEME_SCRIPT = `
'use strict';
const root = document.documentElement;
root.classList.add('js');
const THEME_KEY = 'agentwork-theme';
const remembered = (() => { try { return localStorage.getItem(THEME_KEY); } catch { return null; } })();
if (remembered === 'light' || remembered === 'dark') root.dataset.theme = remembered;

function switchTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  try { localStorage.setItem(THEME_KEY, root.dataset.theme); } catch { /* private mode: the switch lasts as long as the page */ }
}
addEventListener('DOMContentLoaded', () => document.getElementById('theme').addEventListener('click', switchTheme));
`;
