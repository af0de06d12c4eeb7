import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'fkPY0UfNX82E2P1BofpU5vmdB/iBN6zsEm1QkmIKvHo=',
  script: PAGE_SCRIPT,
  scriptSha256: 'WcBiW/Fujul1Y6AqrA916Z3k/44Ppkq4SRFWv65BzCk=',
};
