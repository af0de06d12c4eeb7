import { type AssignedValue, isPlaceholder } from '../secret-value.ts';
import { provided, type RedactRule, randomToken, token, UUID } from './rule.ts';

export const AI: readonly RedactRule[] = [
  token('anthropic_key', 'ANTHROPIC_KEY', 'sk-ant-', /sk-ant-[a-z]{1,10}\d{0,3}-[\w-]{20,}/),
  token('anthropic_oauth_token', 'ANTHROPIC_KEY', 'sk-ant-oat sk-ant-ort', /sk-ant-o[ar]t\d{2}-[\w-]{20,}/),
  token('anthropic_admin_key', 'ANTHROPIC_KEY', 'sk-ant-admin', /sk-ant-admin\d{2}-[\w-]{20,}/),
  token('anthropic_session_key', 'ANTHROPIC_KEY', 'sk-ant-sid', /sk-ant-sid\d{2}-[\w-]{20,}/),
  token('openrouter_key', 'OPENROUTER_KEY', 'sk-or-', /sk-or-v\d-[0-9a-f]{32,}/),
  token('openai_key', 'OPENAI_KEY', 'sk-proj-', /sk-proj-[\w-]{20,}/),
  token('openai_service_key', 'OPENAI_KEY', 'sk-svcacct-', /sk-svcacct-[\w-]{20,}/),
  token('openai_admin_key', 'OPENAI_KEY', 'sk-admin-', /sk-admin-[\w-]{20,}/),
  { ...token('openai_legacy_key', 'OPENAI_KEY', 'sk-', /sk-[\w-]{20,}/), accept: isRandom },
  token('openai_session_key', 'OPENAI_KEY', 'sess-', /sess-[A-Za-z0-9]{40}(?!\w)/),
  token('langfuse_key', 'LANGFUSE_KEY', 'sk-lf-', new RegExp(`sk-lf-${UUID}`)),
  token('helicone_key', 'HELICONE_KEY', 'sk-helicone-', /sk-helicone-[\w-]{20,}/),
  token('huggingface_token', 'HUGGINGFACE_TOKEN', 'hf_', /hf_[A-Za-z0-9]{30,}/),
  token('huggingface_org_token', 'HUGGINGFACE_TOKEN', 'api_org_', /api_org_[A-Za-z0-9]{30,}/),
  token('groq_key', 'GROQ_KEY', 'gsk_', /gsk_[A-Za-z0-9]{40,}/),
  token('xai_key', 'XAI_KEY', 'xai-', /xai-[A-Za-z0-9]{60,}/),
  token('perplexity_key', 'PERPLEXITY_KEY', 'pplx-', /pplx-[A-Za-z0-9]{40,}/),
  token('replicate_token', 'REPLICATE_TOKEN', 'r8_', /r8_[A-Za-z0-9]{37,}/),
  token('nvidia_key', 'NVIDIA_KEY', 'nvapi-', /nvapi-[\w-]{60,}/),
  token('cerebras_key', 'CEREBRAS_KEY', 'csk-', /csk-[a-z0-9]{40,}/),
  randomToken('fireworks_key', 'FIREWORKS_KEY', 'fw_', /fw_[A-Za-z0-9]{20,}(?!\w)/),
  token('together_token', 'TOGETHER_TOKEN', 'tgp_v1_', /tgp_v1_[\w-]{40,}/),
  provided('together_key', 'TOGETHER_KEY', 'together_ togetherai', '[0-9a-f]{64}'),
  token('elevenlabs_key', 'ELEVENLABS_KEY', 'sk_', /sk_[0-9a-f]{48}(?!\w)/),
  provided('elevenlabs_legacy_key', 'ELEVENLABS_KEY', 'elevenlabs eleven_labs xi-api xi_api', '[0-9a-f]{32}'),
  provided('cohere_key', 'COHERE_KEY', 'cohere co_api', '[A-Za-z0-9]{40}'),
  provided('mistral_key', 'MISTRAL_KEY', 'mistral codestral', '[A-Za-z0-9]{32}'),
  provided('deepgram_key', 'DEEPGRAM_KEY', 'deepgram', '[0-9a-f]{40}'),
  provided('assemblyai_key', 'ASSEMBLYAI_KEY', 'assemblyai assembly_ai', '[0-9a-f]{32}'),
  token('runpod_key', 'RUNPOD_KEY', 'rpa_', /rpa_[A-Z0-9]{40,}[A-Za-z0-9]*/),
  provided('modal_token', 'MODAL_TOKEN', 'modal_token modal_key modal-token', 'a[ks]-[A-Za-z0-9]{22}'),
  token('langsmith_key', 'LANGSMITH_KEY', 'lsv2_pt_ lsv2_sk_', /lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}(?!\w)/),
  provided('wandb_key', 'WANDB_KEY', 'wandb weights_and_biases', '[0-9a-f]{40}'),
  token('pinecone_key', 'PINECONE_KEY', 'pcsk_', /pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{40,}/),
  provided('pinecone_legacy_key', 'PINECONE_KEY', 'pinecone', UUID),
  token('tavily_key', 'TAVILY_KEY', 'tvly-', /tvly-[\w-]{28,}/),
  token('firecrawl_key', 'FIRECRAWL_KEY', 'fc-', /fc-[0-9a-f]{32}(?!\w)/),
  token('jina_key', 'JINA_KEY', 'jina_', /jina_[0-9a-f]{32}[\w-]{20,}/),
  provided('voyage_key', 'VOYAGE_KEY', 'voyage', '[ap][al]-[\\w-]{43}'),
  token('e2b_key', 'E2B_KEY', 'e2b_', /e2b_[0-9a-f]{40}(?!\w)/),
  token('cursor_key', 'CURSOR_KEY', 'crsr_', /crsr_[0-9a-f]{64}(?!\w)/),
  token('browserbase_key', 'BROWSERBASE_KEY', 'bb_live_', /bb_live_[\w-]{24,}/),
  provided('exa_key', 'EXA_KEY', 'exa_api exa-api', UUID),
  provided('serpapi_key', 'SERPAPI_KEY', 'serpapi serp_api', '[0-9a-f]{64}'),
  provided('zhipu_key', 'ZHIPU_KEY', 'zhipu zai_api glm_api', '[0-9a-f]{32}\\.[A-Za-z0-9]{16}'),
];

/** CSS class names begin with `sk-` too; a key has digits and capitals, or is one long number. */
function isRandom({ value }: AssignedValue): boolean {
  if (isPlaceholder(value)) return false;
  return (/\d/.test(value) && /[A-Z]/.test(value)) || /^sk-[0-9a-f]{32,}$/.test(value);
}
