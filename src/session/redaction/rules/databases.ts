import { provided, type RedactRule, token, UUID } from './rule.ts';

/** Hosted databases and queues; what stands in the address of one is among the contexts. */
export const DATABASES: readonly RedactRule[] = [
  token('supabase_token', 'SUPABASE_TOKEN', 'sbp_', /sbp_(?:v0_)?[0-9a-f]{40}(?!\w)/),
  token('supabase_secret_key', 'SUPABASE_TOKEN', 'sb_secret_', /sb_secret_[\w-]{20,}/),
  token('neon_key', 'NEON_KEY', 'napi_', /napi_[a-z0-9]{40,}/),
  token('planetscale_token', 'PLANETSCALE_TOKEN', 'pscale_tkn_', /pscale_tkn_[\w=.-]{32,}/),
  token('planetscale_oauth_token', 'PLANETSCALE_TOKEN', 'pscale_oauth_', /pscale_oauth_[\w=.-]{32,}/),
  token('planetscale_password', 'PLANETSCALE_PASSWORD', 'pscale_pw_', /pscale_pw_[\w=.-]{32,}/),
  token('xata_key', 'XATA_KEY', 'xau_', /xau_[A-Za-z0-9]{30,}/),
  token('cockroach_key', 'COCKROACH_KEY', 'ccdb1_', /CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}(?!\w)/),
  token('clickhouse_key', 'CLICKHOUSE_KEY', '4b1d', /4b1d[A-Za-z0-9]{38}(?!\w)/),
  token('mongodb_atlas_secret', 'MONGODB_SECRET', 'mdb_sa_sk_', /mdb_sa_sk_[\w-]{40,}/),
  provided('mongodb_atlas_key', 'MONGODB_KEY', 'atlas_ mongodb_atlas', UUID),
  token('databricks_token', 'DATABRICKS_TOKEN', 'dapi', /dapi[0-9a-fA-F]{32}(?:-\d)?(?!\w)/),
  token('databricks_secret', 'DATABRICKS_TOKEN', 'dose', /dose[0-9a-f]{32}(?!\w)/),
  token('confluent_secret', 'CONFLUENT_SECRET', 'cflt', /cflt[A-Za-z0-9+/]{60}(?!\w)/),
  provided('confluent_legacy_secret', 'CONFLUENT_SECRET', 'confluent', '[A-Za-z0-9+/]{64}'),
  provided('upstash_token', 'UPSTASH_TOKEN', 'upstash kv_rest', '[A-Za-z0-9_-]{40,}={0,2}'),
  provided('fauna_secret', 'FAUNA_SECRET', 'fauna', 'fn[A-Za-z0-9_-]{38}'),
  provided('hasura_secret', 'HASURA_SECRET', 'hasura', '[A-Za-z0-9]{32,64}'),
  provided('airtable_key', 'AIRTABLE_KEY', 'airtable', 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}|key[A-Za-z0-9]{14}'),
  provided('meilisearch_key', 'MEILISEARCH_KEY', 'meilisearch meili_', '[0-9a-f]{64}|[\\w-]{43}'),
  provided('typesense_key', 'TYPESENSE_KEY', 'typesense', '[A-Za-z0-9]{32}'),
  provided('qdrant_key', 'QDRANT_KEY', 'qdrant', '[\\w-]{54}'),
];
