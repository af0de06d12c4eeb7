import { html, type Markup, trusted } from '../markup.ts';

/** The one style sheet and the one script of a kind of page, each with its base64 SHA-256, which a test keeps right. */
export interface PageAssets {
  readonly style: string;
  readonly styleSha256: string;
  readonly script: string;
  readonly scriptSha256: string;
}

/** What a page may do: run our script, use our style, show pictures that are in it. Nothing from anywhere else. */
export function contentSecurityPolicy({ scriptSha256, styleSha256 }: PageAssets): string {
  return [
    `default-src 'none'`,
    `script-src 'sha256-${scriptSha256}'`,
    `style-src 'sha256-${styleSha256}'`,
    'img-src data:',
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
}

/** A page up to and with its opening body tag; `PAGE_END` closes it. */
export function renderPageStart(title: string, assets: PageAssets): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(contentSecurityPolicy(assets))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="agentwork">
<title>${title}</title>
<style>${trusted(assets.style)}</style>
<script>${trusted(assets.script)}</script>
</head>
<body>
`;
}

export const PAGE_END = html`</body>
</html>
`;
