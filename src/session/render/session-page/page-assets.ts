import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'QHGcqlCSR9GN2x8nmeBRqaENH4ZiTZVM2NZ7XnNYbCw=',
  script: PAGE_SCRIPT,
  scriptSha256: '1B2iIFdqQCo+HqmUGs+gLDys53/AML7pyutcxk9Y0Ik=',
};
