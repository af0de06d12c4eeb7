import { assigned, type RedactRule, token } from './rule.ts';

/** What programs sign and encrypt with, and what machines log in with. */
export const FRAMEWORKS: readonly RedactRule[] = [
  token('django_secret_key', 'DJANGO_SECRET', 'django-insecure-', /django-insecure-[^\s"'`\\]{30,}/),
  assigned('rails_master_key', 'RAILS_KEY', 'rails_master_key', {
    name: 'rails_master_key',
    value: '([0-9a-f]{32})(?!\\w)',
  }),
  assigned('rails_secret_key_base', 'RAILS_KEY', 'secret_key_base', {
    name: 'secret_key_base',
    value: '([0-9a-f]{64,128})(?!\\w)',
  }),
  assigned('laravel_app_key', 'LARAVEL_KEY', 'app_key', { name: 'app_key', value: '(base64:[A-Za-z0-9+/]{43}=)' }),
  assigned('wireguard_key', 'PRIVATE_KEY', 'privatekey presharedkey', {
    name: '(?:private|preshared)key',
    value: '([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)',
  }),
  assigned('kubernetes_bootstrap_token', 'KUBERNETES_TOKEN', 'bootstrap-token bootstrap_token', {
    name: 'bootstrap[-_]token',
    value: '([a-z0-9]{6}\\.[a-z0-9]{16})(?!\\w)',
  }),
  token(
    'kubeadm_token',
    'KUBERNETES_TOKEN',
    'kubeadm',
    /kubeadm join [\w.:-]{3,80} --token ([a-z0-9]{6}\.[a-z0-9]{16})(?!\w)/,
  ),
  assigned('ansible_vault_password', 'PASSWORD', 'ansible_become_pass ansible_ssh_pass', {
    name: 'ansible_(?:become|ssh)_pass',
    accept: ({ value }) => value.length > 3 && !/^[{"']/.test(value),
  }),
  token(
    'aspnet_machine_key',
    'MACHINE_KEY',
    'validationkey= decryptionkey=',
    /(?:validation|decryption)Key=\\{0,8}"([0-9A-F]{32,160})(?=\\{0,8}")/i,
  ),
  token(
    'session_cookie',
    'SESSION_COOKIE',
    'phpsessid= jsessionid= connect.sid= asp.net_sessionid= laravel_session=',
    sessionCookie(),
  ),
];

function sessionCookie(): RegExp {
  return /(?:phpsessid|jsessionid|connect\.sid|asp\.net_sessionid|laravel_session)=([\w%.+/=-]{16,})/i;
}
