import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'q85WXn4ly5jw24Fe0dJc1uM6zpcsLHuD8k0QTLBpFf4=',
  script: PAGE_SCRIPT,
  scriptSha256: 'qfctYpPrXqXoK49MfBZhSrG+moQq883T09/v1q/0WsM=',
};
