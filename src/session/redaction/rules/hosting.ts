import { provided, type RedactRule, token, UUID } from './rule.ts';

/** Where applications are deployed. */
export const HOSTING: readonly RedactRule[] = [
  { ...provided('heroku_key', 'UUID', 'heroku', UUID) },
  token('heroku_token', 'HEROKU_KEY', 'hrku-', /HRKU-[\w-]{30,}/),
  token('vercel_token', 'VERCEL_TOKEN', 'vcp_ vci_ vca_ vcr_ vck_', /vc[piark]_[A-Za-z0-9]{20,}/),
  token('vercel_blob_token', 'VERCEL_TOKEN', 'vercel_blob_rw_', /vercel_blob_rw_\w{20,}/),
  provided('vercel_legacy_token', 'VERCEL_TOKEN', 'vercel zeit', '[A-Za-z0-9]{24}'),
  token('netlify_token', 'NETLIFY_TOKEN', 'nfp_ nfc_ nfo_ nfu_ nfb_', /nf[pcoub]_[A-Za-z0-9]{36,}/),
  provided('netlify_legacy_token', 'NETLIFY_TOKEN', 'netlify', '[\\w=-]{40,46}'),
  token(
    'flyio_token',
    'FLY_TOKEN',
    'fo1_ fm1a_ fm1r_ fm2_',
    /(?:fo1_[\w-]{43}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,}={0,3})/,
  ),
  token('render_key', 'RENDER_KEY', 'rnd_', /rnd_[A-Za-z0-9]{28,}/),
  provided('railway_token', 'RAILWAY_TOKEN', 'railway', UUID),
  token('scalingo_token', 'SCALINGO_TOKEN', 'tk-us-', /tk-us-[\w-]{48,}/),
  token('deno_token', 'DENO_TOKEN', 'ddp_ ddw_', /dd[pw]_[A-Za-z0-9]{36}(?!\w)/),
  token('ngrok_api_key', 'NGROK_KEY', 'ngrok_api_', /ngrok_api_\w{30,}/),
  provided('ngrok_token', 'NGROK_TOKEN', 'ngrok', '[0-9][A-Za-z0-9]{26}_[A-Za-z0-9]{21}'),
  token('tailscale_key', 'TAILSCALE_KEY', 'tskey-', /tskey-[a-z]{2,12}-[A-Za-z0-9]{8,}(?:-[A-Za-z0-9]{16,})?/),
  provided('zerotier_token', 'ZEROTIER_TOKEN', 'zerotier', '[A-Za-z0-9]{32}'),
  token('defined_networking_key', 'NETWORK_KEY', 'dnkey-', /dnkey-[\w=-]{26}-[\w=-]{52}/),
];
