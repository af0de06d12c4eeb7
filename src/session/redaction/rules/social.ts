import { assigned, provided, type RedactRule, token } from './rule.ts';

export const SOCIAL: readonly RedactRule[] = [
  token('facebook_token', 'FACEBOOK_TOKEN', 'eaac eaam eaab eaag', /EAA[CMBG][A-Za-z0-9]{90,}/),
  provided('facebook_secret', 'FACEBOOK_SECRET', 'facebook fb_app', '[0-9a-f]{32}'),
  provided('facebook_app_token', 'FACEBOOK_TOKEN', 'facebook fb_app', '[0-9]{15,16}\\|[\\w-]{27,40}'),
  token('instagram_token', 'INSTAGRAM_TOKEN', 'igqv igaa', /IG(?:QV|AA)[\w-]{90,}/),
  provided('twitter_secret', 'TWITTER_SECRET', 'twitter', '[A-Za-z0-9]{50}|[A-Za-z0-9]{45}'),
  provided('twitter_key', 'TWITTER_KEY', 'twitter', '[A-Za-z0-9]{25}'),
  provided('twitter_token', 'TWITTER_TOKEN', 'twitter', '[0-9]{15,25}-[A-Za-z0-9]{20,40}'),
  assigned('twitter_bearer_token', 'TWITTER_TOKEN', 'bearer_token twitter_bearer', {
    name: '(?:twitter_)?bearer(?:_token)?',
    value: '(A{21,22}[A-Za-z0-9%]{60,120})',
  }),
  provided(
    'linkedin_secret',
    'LINKEDIN_SECRET',
    'linkedin linked_in linked-in',
    '[A-Za-z0-9]{16}|WPL_AP1\\.[\\w+/=.]{20,40}',
  ),
  provided('twitch_token', 'TWITCH_TOKEN', 'twitch', '[a-z0-9]{30}'),
  provided('spotify_secret', 'SPOTIFY_SECRET', 'spotify', '[0-9a-f]{32}'),
  provided('reddit_secret', 'REDDIT_SECRET', 'reddit', '[\\w-]{27}|[\\w-]{30}'),
];
