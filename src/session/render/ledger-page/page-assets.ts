import type { PageAssets } from '../page/page-shell.ts';
import { LEDGER_SCRIPT } from './page-script.ts';
import { LEDGER_STYLE } from './page-style.ts';

export const LEDGER_PAGE: PageAssets = {
  style: LEDGER_STYLE,
  styleSha256: '+4QfY9fN4N/iDOuIhkagMn7n3Uo0yr7p9cHM7HAE3z8=',
  script: LEDGER_SCRIPT,
  scriptSha256: '9P3wXM+bWWKQVbaUXurjcXxl+4U3buINfnD/tEqfMOQ=',
};
