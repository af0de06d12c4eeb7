import { type AssignedValue, isPlaceholder } from '../secret-value.ts';
import { assigned, provided, type RedactRule, token, UUID } from './rule.ts';

/** Registries that programs are published to and installed from. */
export const PACKAGES: readonly RedactRule[] = [
  token('npm_token', 'NPM_TOKEN', 'npm_', /npm_(?:[A-Za-z0-9]{30,}|(?=[A-Za-z_]{0,35}\d)\w{36}(?!\w))/),
  assigned('npmrc_auth_token', 'NPM_TOKEN', '_authtoken', {
    name: '_authtoken',
    value: '([^\\s"\'`$<{*]{6,})',
    accept: isNpmSecret,
  }),
  assigned('npmrc_auth', 'NPM_TOKEN', ':_auth :_password', {
    name: ':_(?:auth|password)',
    value: '([A-Za-z0-9+/]{8,}={0,2})',
    accept: isNpmSecret,
  }),
  token('pypi_token', 'PYPI_TOKEN', 'pypi-', /pypi-[\w-]{50,}/),
  token('rubygems_key', 'RUBYGEMS_KEY', 'rubygems_', /rubygems_[0-9a-f]{48}(?!\w)/),
  token('docker_token', 'DOCKER_TOKEN', 'dckr_pat_', /dckr_pat_[\w-]{20,}/),
  token('docker_org_token', 'DOCKER_TOKEN', 'dckr_oat_', /dckr_oat_[\w-]{20,}/),
  dockerConfig(),
  token('crates_token', 'CRATES_TOKEN', 'cio', /cio[A-Za-z0-9]{32}(?!\w)/),
  token('nuget_key', 'NUGET_KEY', 'oy2', /oy2[a-z0-9]{43}(?!\w)/),
  token('packagist_token', 'PACKAGIST_TOKEN', 'packagist_', /packagist_[a-z]{2,4}_[0-9a-f]{40,}/),
  token('artifactory_key', 'ARTIFACTORY_KEY', 'akcp', /AKCp[A-Za-z0-9]{69}(?!\w)/),
  token('artifactory_token', 'ARTIFACTORY_TOKEN', 'cmvmd', /cmVmd[A-Za-z0-9]{59}(?!\w)/),
  provided('jfrog_key', 'JFROG_KEY', 'jfrog artifactory', '[A-Za-z0-9]{64}|[A-Za-z0-9]{73}'),
  provided('cloudsmith_key', 'CLOUDSMITH_KEY', 'cloudsmith', '[0-9a-f]{40}'),
  token('jsr_token', 'JSR_TOKEN', 'jsrp_ jsrd_ jsrw_', /jsr[pdw]_[A-Za-z0-9]{36,}/),
  token('clojars_token', 'CLOJARS_TOKEN', 'clojars_', /CLOJARS_[a-z0-9]{60}(?!\w)/),
  token('open_vsx_token', 'OPENVSX_TOKEN', 'ovsxat_', new RegExp(`ovsxat_${UUID}`)),
  token('wakatime_key', 'WAKATIME_KEY', 'waka_', new RegExp(`waka_${UUID}`)),
  token('readme_key', 'README_KEY', 'rdme_', /rdme_[a-z0-9]{70}(?!\w)/),
  provided('anaconda_token', 'ANACONDA_TOKEN', 'anaconda conda_', `[a-z]{2}-${UUID}`),
  provided('gemfury_token', 'GEMFURY_TOKEN', 'gemfury fury_', '[A-Za-z0-9]{20,26}'),
  token('nuget_config_password', 'PASSWORD', 'cleartextpassword', nugetPassword()),
  provided('sidekiq_secret', 'SIDEKIQ_SECRET', 'contribsys', '[0-9a-f]{8}:[0-9a-f]{8}'),
];

/** What stands there in code is a variable, called as what it holds. */
function isNpmSecret({ value }: AssignedValue): boolean {
  return !/^(?:password|auth|token|undefined),?$/i.test(value) && !isPlaceholder(value);
}

function nugetPassword(): RegExp {
  return /cleartextpassword\\{0,8}["']\s{1,4}value\s?=\s?\\{0,8}["']([^"'\\\s]{6,})/i;
}

/** `"auth": "…"` is user and password of a registry, in base64. */
function dockerConfig(): RedactRule {
  const pattern = /auth\\{0,8}"?\s{0,4}[:=]\s{0,4}\\{0,8}"([A-Za-z0-9+/]{8,}={0,2})(?=\\{0,8}")/;
  return {
    ...token('docker_config_auth', 'DOCKER_AUTH', 'auth', pattern),
    accept: ({ value }) => isEncodedLogin(value),
  };
}

function isEncodedLogin(value: string): boolean {
  try {
    return /^[\w.@$|+-]+:[ -~]+$/.test(atob(value));
  } catch {
    return false; // No base64.
  }
}
