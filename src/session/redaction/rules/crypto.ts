import { assigned, provided, type RedactRule, token, UUID } from './rule.ts';

/** Coins, their exchanges and the nodes that speak to their chains. */
export const CRYPTO: readonly RedactRule[] = [
  provided('coinbase_key', 'COINBASE_KEY', 'coinbase', '[\\w-]{64}|[A-Za-z0-9+/]{86}=='),
  provided('binance_key', 'BINANCE_KEY', 'binance', '[A-Za-z0-9]{64}'),
  provided('kraken_key', 'KRAKEN_KEY', 'kraken', '[A-Za-z0-9/=+]{80,90}|[A-Za-z0-9/+]{56}'),
  provided('kucoin_key', 'KUCOIN_KEY', 'kucoin', `${UUID}|[0-9a-f]{24}`),
  provided('bittrex_key', 'BITTREX_KEY', 'bittrex', '[a-z0-9]{32}'),
  provided('etherscan_key', 'ETHERSCAN_KEY', 'etherscan', '[A-Z0-9]{34}'),
  provided('infura_key', 'INFURA_KEY', 'infura', '[0-9a-f]{32}'),
  token('infura_url', 'INFURA_KEY', 'infura.io/v3/', /infura\.io\/v3\/([0-9a-f]{32})(?!\w)/),
  token('alchemy_url', 'ALCHEMY_KEY', 'alchemy.com/v2/', /alchemy\.com\/v2\/([\w-]{21,40})/),
  provided('alchemy_key', 'ALCHEMY_KEY', 'alchemy', '[\\w-]{32}'),
  assigned('ethereum_private_key', 'PRIVATE_KEY', 'private_key privatekey', {
    name: 'private_?key',
    value: '((?:0x)?[0-9a-f]{64})(?!\\w)',
  }),
  token('extended_private_key', 'PRIVATE_KEY', 'xprv', /xprv[1-9A-HJ-NP-Za-km-z]{100,112}(?!\w)/),
  token('nostr_key', 'PRIVATE_KEY', 'nsec1', /nsec1[a-z0-9]{58}(?!\w)/),
  provided('finnhub_key', 'FINNHUB_KEY', 'finnhub', '[a-z0-9]{20}'),
];
