import { provided, type RedactRule, token } from './rule.ts';

/** Many keys of Azure have four letters at a fixed place that say which service they are for. */
export const AZURE: readonly RedactRule[] = [
  token('azure_account_key', 'AZURE_KEY', 'accountkey accesskey', /A(?:ccount|ccess)Key=([A-Za-z0-9+/]{40,}={0,2})/i),
  token('azure_sas', 'AZURE_SAS', 'sig=', /sig=([A-Za-z0-9%+/]{40,}={0,2})/),
  { ...token('azure_storage_key', 'AZURE_KEY', '+ast', /[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}==/), before: 76 },
  { ...token('azure_cosmos_key', 'AZURE_KEY', 'acdb', /[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{6}==/), before: 76 },
  { ...token('azure_service_bus_key', 'AZURE_KEY', '+asb', /[A-Za-z0-9+/]{33}\+ASb[A-Za-z0-9+/]{6}=/), before: 33 },
  { ...token('azure_event_hub_key', 'AZURE_KEY', '+aeh', /[A-Za-z0-9+/]{33}\+AEh[A-Za-z0-9+/]{6}=/), before: 33 },
  { ...token('azure_iot_key', 'AZURE_KEY', 'aiot', /[A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{6}=/), before: 33 },
  { ...token('azure_redis_key', 'AZURE_KEY', 'azca', /[A-Za-z0-9]{33}AzCa[A-Za-z0-9]{6}=/), before: 33 },
  { ...token('azure_search_key', 'AZURE_KEY', 'azse', /[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}(?!\w)/), before: 42 },
  { ...token('azure_function_key', 'AZURE_KEY', 'azfu', /[\w-]{44}AzFu[\w-]{5}[AQgw]==/), before: 44 },
  { ...token('azure_registry_key', 'AZURE_KEY', '+acr', /[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6}(?!\w)/), before: 42 },
  { ...token('azure_ai_key', 'AZURE_KEY', 'jqqj9', /[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}(?!\w)/), before: 52 },
  { ...token('azure_devops_pat', 'AZURE_TOKEN', 'azdo', /[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?!\w)/), before: 76 },
  provided(
    'azure_devops_legacy_pat',
    'AZURE_TOKEN',
    'azure_devops azdo_ azuredevops ado_pat system_access',
    '[a-z2-7]{52}',
  ),
  clientSecret(),
  provided('azure_legacy_key', 'AZURE_KEY', 'azure ocp-apim ocp_apim', '[0-9a-f]{32}'),
];

/** Three characters, a digit, `Q~`, the rest. */
function clientSecret(): RedactRule {
  const keywords = [...'0123456789'].map((digit) => `${digit}q~`).join(' ');
  return { ...token('azure_client_secret', 'AZURE_SECRET', keywords, /[\w.~]{3}\dQ~[\w.~-]{31,34}(?!\w)/), before: 3 };
}
