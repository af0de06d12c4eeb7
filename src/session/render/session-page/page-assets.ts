import type { PageAssets } from '../page/page-shell.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export const SESSION_PAGE: PageAssets = {
  style: PAGE_STYLE,
  styleSha256: 'bpmjDKq1XpT8e1dm/0VaRiNXtqMWhmG8otCciWarYg0=',
  script: PAGE_SCRIPT,
  scriptSha256: 'G/pnEloB0uBIc0Gtt+PqaSdvCoPOKMfvwm2EyJ6OPfU=',
};
