import { ELEMENT_SCRIPT } from '../page/element-script.ts';
import { THEME_SCRIPT } from '../page/theme-script.ts';
import { COPY_SCRIPT } from './copy-script.ts';
import { NAVIGATION_SCRIPT } from './navigation-script.ts';
import { SEARCH_SCRIPT } from './search-script.ts';

/** What the parts below share: bringing an element to the reader's eyes. */
const SHARED_SCRIPT = `
function closedAround(element) {
  const folds = [];
  for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) {
    const isTitle = fold.querySelector(':scope > summary').contains(element);
    if (!fold.open && !isTitle) folds.push(fold);
  }
  return folds;
}

/** Opens what is folded around it and drops filters that hide it; says which folds it opened. */
function reveal(element, block) {
  byId('more').setAttribute('aria-expanded', 'false');
  const folds = closedAround(element);
  for (const fold of folds) fold.open = true;
  if (!element.checkVisibility()) showEverything();
  element.scrollIntoView({ block });
  // What was not drawn before has its real height now.
  requestAnimationFrame(() => element.scrollIntoView({ block }));
  return folds;
}
`;

/**
 * The one script of the page; its hash stands in the page's policy. It only adds comfort: without it every word is
 * there and every fold opens. It never makes HTML from text.
 */
export const PAGE_SCRIPT =
  THEME_SCRIPT + ELEMENT_SCRIPT + SHARED_SCRIPT + NAVIGATION_SCRIPT + SEARCH_SCRIPT + COPY_SCRIPT;
