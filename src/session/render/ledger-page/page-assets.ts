import type { PageAssets } from '../page/page-shell.ts';
import { LEDGER_SCRIPT } from './page-script.ts';
import { LEDGER_STYLE } from './page-style.ts';

export const LEDGER_PAGE: PageAssets = {
  style: LEDGER_STYLE,
  styleSha256: 'omh84AXWcm8b7dAF/39W8TWsfbBogJvZfY8JzKPbBTs=',
  script: LEDGER_SCRIPT,
  scriptSha256: 'Hc5dK16YBO9GDxEnoXeGz778WAK0tYKUu4CwopTjDtI=',
};
