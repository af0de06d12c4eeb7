/** One button for all that can be copied: it comes to the code or the turn that the pointer or the focus is in. */
export const COPY_SCRIPT = String.raw`
async function copyText(text) {
  try { await navigator.clipboard.writeText(text); } catch { copySelected(text); }
}

/** Where the clipboard is closed to pages, it takes what is selected. */
function copySelected(text) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

const MARKS = { STRONG: '**', EM: '*', S: '~~' };

/** The Markdown that a message was made of, as far as the page still shows it. */
function markdownOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return BLOCKS.has(node.parentElement.className || node.parentElement.tagName) && !node.data.trim() ? '' : node.data;
  const { tagName, textContent } = node;
  if (tagName === 'PRE') return (node.previousSibling?.data?.trim() ? '\n' : '') + ticks(textContent, 3) + '\n' + textContent.replace(/\n$/, '') + '\n' + ticks(textContent, 3) + '\n\n';
  if (tagName === 'CODE') return ticks(textContent, 1) + textContent + ticks(textContent, 1);
  if (tagName === 'HR') return '---\n\n';
  if (tagName === 'SUMMARY' || tagName === 'BUTTON') return '';
  const inner = [...node.childNodes].map(markdownOf).join('');
  if (Object.hasOwn(MARKS, tagName)) return MARKS[tagName] + inner + MARKS[tagName];
  if (tagName === 'A') return inner === node.getAttribute('href') ? inner : '[' + inner + '](' + node.getAttribute('href') + ')';
  if (tagName === 'LI') return listMark(node) + inner.trim().replace(/\n/g, '\n   ') + '\n';
  if (tagName === 'TR') return '| ' + [...node.cells].map((cell) => cell.innerText.replaceAll('|', '\\|')).join(' | ') + ' |\n' + (node.closest('thead') ? '| ' + [...node.cells].map(() => '---').join(' | ') + ' |\n' : '');
  if (/^H[56]$/.test(tagName)) return '## ' + inner + '\n\n';
  if (tagName === 'BLOCKQUOTE') return inner.trim().replace(/^/gm, '> ') + '\n\n';
  return /^(P|UL|OL|TABLE)$/.test(tagName) ? inner.trim() + '\n\n' : inner;
}

/** More backticks than stand together anywhere inside. */
const ticks = (text, least) => TICK.repeat(Math.max(least, ...(text.match(TICKS) ?? []).map((run) => run.length + 1)));
const TICK = String.fromCharCode(96);
const TICKS = new RegExp(TICK + '+', 'g');
const BLOCKS = new Set(['markdown', 'TABLE', 'THEAD', 'TBODY', 'TR', 'UL', 'OL', 'BLOCKQUOTE']);

function listMark(item) {
  if (item.className === 'task') return '- ';
  return item.parentElement.tagName === 'OL' ? [...item.parentElement.children].indexOf(item) + 1 + '. ' : '- ';
}

function textOf(owner) {
  if (owner.matches('pre')) return owner.textContent;
  return all(':scope > .said, :scope > .markdown, :scope > .rest > .said', owner).map((part) => markdownOf(part).trim()).join('\n\n');
}

/** The code or the turn around an element; on the line of a call, what it returned. */
const ownerOf = (element) => element?.closest('.entries pre, .user, .assistant') ?? element?.closest('.tool')?.querySelector('pre.output');

async function copyEntry(element) {
  const owner = ownerOf(element);
  if (!owner) return;
  await copyText(textOf(owner));
  byId('copied').textContent = 'Copied';
  setTimeout(() => { byId('copied').textContent = ''; }, 1500);
}

addEventListener('DOMContentLoaded', () => {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  let owner;

  function come(element) {
    if (element === button) return;
    const next = element.closest('.entries pre, .user, .assistant');
    if (!next || (next === owner && button.isConnected)) return;
    owner = next;
    button.textContent = 'Copy';
    button.setAttribute('aria-label', owner.matches('pre') ? 'Copy this block' : 'Copy this message');
    if (!owner.matches('pre')) return owner.querySelector(':scope > header').append(button);
    owner.after(button);
    button.style.top = owner.offsetTop + 6 + 'px';
    button.style.right = button.offsetParent.clientWidth - owner.offsetLeft - owner.offsetWidth + 6 + 'px';
  }

  button.addEventListener('click', async () => {
    await copyEntry(owner);
    button.textContent = 'Copied';
  });
  byId('entries').addEventListener('pointerover', ({ target }) => come(target));
  byId('entries').addEventListener('focusin', ({ target }) => come(target));
});
`;
