import { provided, type RedactRule, token, UUID } from './rule.ts';

/** Clouds, their edges and what runs in them, but for the three large ones. */
export const CLOUDS: readonly RedactRule[] = [
  token('digitalocean_token', 'DIGITALOCEAN_TOKEN', 'dop_v1_', /dop_v1_[0-9a-f]{64}(?!\w)/),
  token('digitalocean_oauth_token', 'DIGITALOCEAN_TOKEN', 'doo_v1_', /doo_v1_[0-9a-f]{64}(?!\w)/),
  token('digitalocean_refresh_token', 'DIGITALOCEAN_TOKEN', 'dor_v1_', /dor_v1_[0-9a-f]{64}(?!\w)/),
  token('cloudflare_user_token', 'CLOUDFLARE_TOKEN', 'cfut_', /cfut_[A-Za-z0-9]{40,}/),
  token('cloudflare_account_token', 'CLOUDFLARE_TOKEN', 'cfat_', /cfat_[A-Za-z0-9]{40,}/),
  token('cloudflare_origin_key', 'CLOUDFLARE_KEY', 'v1.0-', /v1\.0-[0-9a-f]{24}-[0-9a-f]{146}(?!\w)/),
  provided('cloudflare_api_token', 'CLOUDFLARE_TOKEN', 'cloudflare cf_api', '[\\w-]{40}'),
  provided('cloudflare_global_key', 'CLOUDFLARE_KEY', 'cloudflare cf_api', '[0-9a-f]{37}'),
  provided('linode_token', 'LINODE_TOKEN', 'linode', '[0-9a-f]{64}'),
  provided('vultr_key', 'VULTR_KEY', 'vultr', '[A-Z0-9]{36}'),
  provided('hetzner_token', 'HETZNER_TOKEN', 'hetzner hcloud', '[A-Za-z0-9]{64}'),
  provided('scaleway_key', 'SCALEWAY_KEY', 'scaleway scw_', UUID),
  provided('ibm_cloud_key', 'IBM_KEY', 'ibm_cloud ibmcloud bluemix ibm-cloud', '[\\w-]{44}'),
  token('alibaba_access_key', 'ALIBABA_KEY', 'ltai', /LTAI[A-Za-z0-9]{12,24}(?!\w)/),
  provided('alibaba_secret_key', 'ALIBABA_SECRET', 'alibaba aliyun', '[A-Za-z0-9]{30}'),
  token('tencent_secret_id', 'TENCENT_KEY', 'akid', /AKID[A-Za-z0-9]{32}(?!\w)/),
  provided('tencent_secret_key', 'TENCENT_SECRET', 'tencent qcloud', '[A-Za-z0-9]{32}'),
  token('yandex_api_key', 'YANDEX_KEY', 'aqvn', /AQVN[\w-]{35,38}(?!\w)/),
  token('yandex_iam_token', 'YANDEX_TOKEN', 't1.', /t1\.[\w-]{10,}={0,2}\.[\w-]{86}={0,2}/),
  token('yandex_oauth_token', 'YANDEX_TOKEN', 'y0_ag', /y0_Ag[\w-]{50,}/),
  provided('fastly_token', 'FASTLY_TOKEN', 'fastly', '[\\w=-]{32}'),
  token('akamai_token', 'AKAMAI_TOKEN', 'akab-', /akab-[a-z0-9]{16}-[a-z0-9]{16}(?!\w)/),
  token('openshift_token', 'OPENSHIFT_TOKEN', 'sha256~', /sha256~[\w-]{43}(?![\w-])/),
  provided('meraki_key', 'MERAKI_KEY', 'meraki', '[0-9a-f]{40}'),
];
