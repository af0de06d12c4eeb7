// Hashes of our own style sheet and script. A test computes both again and prints the right ones when they differ.
export const STYLE_SHA256 = '36s3aQr9sMZGcvP/u5tDArWgp2ByMcyF5Z8CgHjsGSE=';
export const SCRIPT_SHA256 = '4I/WzRgTPq+BZv7H0zsMn/TwB2wIjsHvT9sWfNDJQXM=';

/** What the page may do: run our script, use our style, show pictures that are in it. Nothing from anywhere else. */
export const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`,
  `script-src 'sha256-${SCRIPT_SHA256}'`,
  `style-src 'sha256-${STYLE_SHA256}'`,
  'img-src data:',
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');
