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

function textOf(owner) {
  if (owner.matches('pre')) return owner.textContent;
  return all(':scope > .said, :scope > .markdown', owner).map((part) => part.innerText).join('\n\n');
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
