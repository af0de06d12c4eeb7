import { type RedactRule, token } from './rule.ts';

export const GOOGLE: readonly RedactRule[] = [
  token('google_api_key', 'GOOGLE_KEY', 'aiza', /AIza[\w-]{35}(?!\w)/),
  token('google_auth_key', 'GOOGLE_KEY', 'aq.ab', /AQ\.Ab[\w-]{40,}/),
  token('google_oauth_secret', 'GOOGLE_SECRET', 'gocspx-', /GOCSPX-[\w-]{24,}/),
  token('google_oauth_token', 'GOOGLE_TOKEN', 'ya29.', /ya29\.[\w-]{20,}/),
  token('google_refresh_token', 'GOOGLE_TOKEN', '1//0', /1\/\/0[\w-]{40,}/),
  { ...token('firebase_server_key', 'FIREBASE_KEY', ':apa91b', /AAAA[\w-]{7}:APA91b[\w-]{100,}/), before: 11 },
  token(
    'google_chat_webhook',
    'GOOGLE_WEBHOOK',
    'chat.googleapis.com/v1/spaces/',
    /chat\.googleapis\.com\/v1\/spaces\/([\w-]{6,40}\/messages\?[\w&=%-]{20,})/,
  ),
];
