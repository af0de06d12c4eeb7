import { provided, type RedactRule, randomToken, token, UUID } from './rule.ts';

/** Chats, bots, telephones and the hooks that write to them. */
export const MESSAGING: readonly RedactRule[] = [
  token('slack_token', 'SLACK_TOKEN', 'xoxa- xoxb- xoxo- xoxp- xoxr- xoxs-', /xox[aboprs]-[\w.-]{10,}/),
  token('slack_app_token', 'SLACK_TOKEN', 'xapp-', /xapp-[\w.-]{10,}/),
  token('slack_config_token', 'SLACK_TOKEN', 'xoxe- xoxe.', /xoxe[-.][\w.-]{10,}/),
  token('slack_session_token', 'SLACK_TOKEN', 'xoxc- xoxd-', /xox[cd]-[\w.%-]{10,}/),
  randomToken(
    'slack_webhook',
    'SLACK_WEBHOOK',
    'hooks.slack.com',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/+-]{16,})/,
  ),
  token(
    'discord_webhook',
    'DISCORD_WEBHOOK',
    'discord.com/api discordapp.com/api',
    /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/([\w/-]{20,})/,
  ),
  provided('discord_bot_token', 'DISCORD_TOKEN', 'discord bot_', '[\\w-]{23,28}\\.[\\w-]{6}\\.[\\w-]{27,40}'),
  provided('discord_secret', 'DISCORD_SECRET', 'discord', '[0-9a-f]{64}|[\\w=-]{32}'),
  token(
    'teams_webhook',
    'TEAMS_WEBHOOK',
    'webhook.office.com/webhookb2/',
    /webhook\.office\.com\/webhookb2\/([\w@-]{36,80}\/IncomingWebhook\/[\w/-]{32,120})/,
  ),
  provided('mattermost_token', 'MATTERMOST_TOKEN', 'mattermost', '[a-z0-9]{26}'),
  provided(
    'line_token',
    'LINE_TOKEN',
    'line_channel line_notify line_access line-channel',
    '[A-Za-z0-9+/]{43,180}={0,2}',
  ),
  token('twilio_key', 'TWILIO_KEY', twilioKeywords(), /SK[0-9a-f]{32}(?![0-9a-zA-Z])/),
  provided('twilio_auth_token', 'TWILIO_TOKEN', 'twilio', '[0-9a-f]{32}'),
  provided('vonage_secret', 'VONAGE_SECRET', 'vonage nexmo', '[A-Za-z0-9]{16}'),
  provided('messagebird_key', 'MESSAGEBIRD_KEY', 'messagebird message_bird message-bird', '[A-Za-z0-9]{25}'),
  provided('plivo_token', 'PLIVO_TOKEN', 'plivo', '[A-Za-z0-9]{40}'),
  provided('pusher_secret', 'PUSHER_SECRET', 'pusher', '[0-9a-f]{20}'),
  token('pubnub_secret', 'PUBNUB_SECRET', 'sec-c-', /sec-c-[A-Za-z0-9+/=-]{40,}/),
  provided('ably_key', 'ABLY_KEY', 'ably', '[\\w-]{6}\\.[\\w-]{6}:[\\w-]{43}'),
  token('onesignal_key', 'ONESIGNAL_KEY', 'os_v2_app_ os_v2_org_', /os_v2_(?:app|org)_[a-z0-9]{60,}/),
  provided('sendbird_token', 'SENDBIRD_TOKEN', 'sendbird', '[0-9a-f]{40}'),
  provided('livekit_secret', 'LIVEKIT_SECRET', 'livekit', '[A-Za-z0-9]{40,50}'),
  token(
    'zapier_webhook',
    'ZAPIER_WEBHOOK',
    'hooks.zapier.com/hooks/catch/',
    /hooks\.zapier\.com\/hooks\/catch\/([\d/]{4,20}[a-z0-9]{6,12})/,
  ),
  token('ifttt_webhook', 'IFTTT_WEBHOOK', 'maker.ifttt.com/', /maker\.ifttt\.com\/[\w/.-]{0,80}?\/key\/([\w-]{20,})/),
  token('sendgrid_key', 'SENDGRID_KEY', 'sg.', /SG\.[\w-]{16,}\.[\w-]{16,}/),
  { ...token('mailchimp_key', 'MAILCHIMP_KEY', '-us', /[0-9a-f]{32}-us\d{1,2}(?!\w)/), before: 32 },
  token('mandrill_key', 'MAILCHIMP_KEY', 'md-', /md-[\w-]{22}(?![\w-])/),
  token('mailgun_key', 'MAILGUN_KEY', 'key-', /key-[0-9a-f]{32}(?!\w)/),
  provided('mailgun_signing_key', 'MAILGUN_KEY', 'mailgun', '[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}'),
  provided('postmark_token', 'POSTMARK_TOKEN', 'postmark', UUID),
  provided('sparkpost_key', 'SPARKPOST_KEY', 'sparkpost', '[0-9a-f]{40}'),
  token('resend_key', 'RESEND_KEY', 're_', /re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?!\w)/),
  token('brevo_key', 'BREVO_KEY', 'xkeysib-', /xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}(?!\w)/),
  token('brevo_smtp_key', 'BREVO_KEY', 'xsmtpsib-', /xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}(?!\w)/),
  token('mailersend_token', 'MAILERSEND_TOKEN', 'mlsn.', /mlsn\.[0-9a-f]{64}(?!\w)/),
  token('klaviyo_key', 'KLAVIYO_KEY', 'pk_', /pk_[0-9a-f]{34}(?!\w)/),
  provided('customerio_key', 'CUSTOMERIO_KEY', 'customerio customer_io customer.io', '[0-9a-f]{20}|[0-9a-f]{32}'),
];

/** `sk` alone is in every `task`. */
function twilioKeywords(): string {
  return [...'0123456789abcdef'].map((digit) => `sk${digit}`).join(' ');
}
