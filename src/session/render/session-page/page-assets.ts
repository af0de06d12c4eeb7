import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'Ff4sdr7omPYcCUCoWxW082DlKsgh9XQXplDIFfr2iGI=',
  script: PAGE_SCRIPT,
  scriptSha256: 's95WHIAshUAol6qPL6GaofigHrTU2IqXwhX7Fi3haGk=',
};
