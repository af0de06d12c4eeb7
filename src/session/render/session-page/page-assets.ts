import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: '3Z1kDKksu/lXGyt9JyuD63h1xREMCzfVyT4R3igTFJY=',
  script: PAGE_SCRIPT,
  scriptSha256: 'VIIDJ89D28gGTS1DlCFzYQv6YldtFMGskvVu0TizzHI=',
};
