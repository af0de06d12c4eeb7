import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'MtpiagJolYSVHtXMAjhw0WLxGXhECVttt70C39NeNXU=',
  script: PAGE_SCRIPT,
  scriptSha256: 'uHCMRA25OLVUN53yxMMfnASfE4/4YEnV1/PpSaEjmFY=',
};
