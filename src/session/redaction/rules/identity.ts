import { assigned, provided, type RedactRule, token, UUID } from './rule.ts';

/** Who one is, and the safes in which other secrets lie. */
export const IDENTITY: readonly RedactRule[] = [
  token('vault_token', 'VAULT_TOKEN', 'hvs.', /hvs\.[\w-]{24,}/),
  token('vault_batch_token', 'VAULT_TOKEN', 'hvb.', /hvb\.[\w-]{24,}/),
  token('vault_recovery_token', 'VAULT_TOKEN', 'hvr.', /hvr\.[\w-]{24,}/),
  assigned('vault_legacy_token', 'VAULT_TOKEN', 'vault_token', {
    name: 'vault_token',
    value: '(s\\.[A-Za-z0-9]{24})(?!\\w)',
  }),
  provided('consul_token', 'CONSUL_TOKEN', 'consul', UUID),
  provided('nomad_token', 'NOMAD_TOKEN', 'nomad', UUID),
  token('doppler_token', 'DOPPLER_TOKEN', 'dp.pt.', /dp\.pt\.[A-Za-z0-9]{40,44}(?!\w)/),
  token('doppler_service_token', 'DOPPLER_TOKEN', 'dp.st.', /dp\.st\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}(?!\w)/),
  token('doppler_account_token', 'DOPPLER_TOKEN', 'dp.sa.', /dp\.sa\.[A-Za-z0-9]{40,44}(?!\w)/),
  token('doppler_cli_token', 'DOPPLER_TOKEN', 'dp.ct.', /dp\.ct\.[A-Za-z0-9]{40,44}(?!\w)/),
  token('doppler_scim_token', 'DOPPLER_TOKEN', 'dp.scim. dp.audit.', /dp\.(?:scim|audit)\.[A-Za-z0-9]{40,44}(?!\w)/),
  provided('infisical_token', 'INFISICAL_TOKEN', 'infisical', 'st\\.[0-9a-f]{24}\\.[0-9a-f]{32}\\.[0-9a-f]{32}'),
  token('onepassword_token', 'ONEPASSWORD_TOKEN', 'ops_ey', /ops_ey[A-Za-z0-9+/_-]{100,}={0,3}/),
  token(
    'onepassword_secret_key',
    'ONEPASSWORD_KEY',
    'a3-',
    /A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}(?!\w)/,
  ),
  assigned('bitwarden_token', 'BITWARDEN_TOKEN', 'bws_access_token', {
    name: 'bws_access_token',
    value: '(0\\.[0-9a-f-]{36}\\.[A-Za-z0-9]{20,40}:[A-Za-z0-9+/]{20,}={0,2})',
  }),
  token('age_key', 'PRIVATE_KEY', 'age-secret-key-', /AGE-SECRET-KEY-1[A-Z0-9]{58}(?!\w)/),
  provided('okta_token', 'OKTA_TOKEN', 'okta', '00[\\w-]{40}'),
  token('okta_api_token', 'OKTA_TOKEN', 'ssws', /SSWS\s{1,4}(00[\w-]{40})(?!\w)/),
  provided('okta_client_secret', 'OKTA_SECRET', 'okta', '[\\w-]{64}'),
  provided('auth0_secret', 'AUTH0_SECRET', 'auth0', '[\\w-]{64}'),
  provided('onelogin_secret', 'ONELOGIN_SECRET', 'onelogin', '[0-9a-f]{64}'),
  provided('duo_secret', 'DUO_SECRET', 'duo_', '[A-Za-z0-9]{40}'),
  token('stytch_secret', 'STYTCH_SECRET', 'secret-live- secret-test-', /secret-(?:live|test)-[\w=-]{36,}/),
  token('jumpcloud_key', 'JUMPCLOUD_KEY', 'jca_', /jca_[A-Za-z0-9]{36}(?!\w)/),
  token(
    'authress_key',
    'AUTHRESS_KEY',
    'authress_ scauth_',
    /(?:authress|scauth)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[\w+/=-]{30,}/,
  ),
  token('adobe_secret', 'ADOBE_SECRET', 'p8e-', /p8e-[\w-]{32,}/),
  token('jwt_token', 'JWT', 'eyj', /(?<![\w-]{2})eyJ[\w-]{10,}\.eyJ[\w-]{8,}\.[\w-]*/),
  token('jwe_token', 'JWT', 'eyj', /(?<![\w-]{2})eyJ[\w-]{10,}\.[\w-]{20,}\.[\w-]{10,}\.[\w-]{20,}\.[\w-]{16,}/),
];
