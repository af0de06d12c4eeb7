import { provided, type RedactRule, token, UUID } from './rule.ts';

/** Money and the shops that take it. */
export const PAYMENTS: readonly RedactRule[] = [
  token('stripe_key', 'STRIPE_KEY', 'sk_live_ sk_test_ sk_prod_', /sk_(?:live|test|prod)_[A-Za-z0-9]{10,}/),
  token('stripe_restricted_key', 'STRIPE_KEY', 'rk_live_ rk_test_ rk_prod_', /rk_(?:live|test|prod)_[A-Za-z0-9]{10,}/),
  token('stripe_webhook', 'STRIPE_KEY', 'whsec_', /whsec_[A-Za-z0-9+/=]{20,}/),
  token('square_token', 'SQUARE_TOKEN', 'sq0atp-', /sq0atp-[\w-]{22,}/),
  token('square_secret', 'SQUARE_SECRET', 'sq0csp-', /sq0csp-[\w-]{40,}/),
  token('square_access_token', 'SQUARE_TOKEN', 'eaaa', /EAAA[\w-]{60}(?![\w+/=-])/),
  token(
    'braintree_token',
    'BRAINTREE_TOKEN',
    'access_token$',
    /access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}(?!\w)/,
  ),
  provided('paypal_secret', 'PAYPAL_SECRET', 'paypal', 'E[\\w-]{79}'),
  token('plaid_token', 'PLAID_TOKEN', 'access-sandbox- access-production- access-development-', plaidToken()),
  provided('plaid_secret', 'PLAID_SECRET', 'plaid', '[0-9a-f]{30}'),
  token('adyen_key', 'ADYEN_KEY', 'aqe', /AQE[A-Za-z0-9+/]{60,160}={0,2}-[A-Za-z0-9+/]{30,80}={0,2}-[^\s"'`\\]{8,32}/),
  token('razorpay_key', 'RAZORPAY_KEY', 'rzp_live_ rzp_test_', /rzp_(?:live|test)_[A-Za-z0-9]{14,}/),
  token(
    'paddle_key',
    'PADDLE_KEY',
    'pdl_live_ pdl_sdbx_',
    /pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_\w{3}/,
  ),
  token('paddle_webhook', 'PADDLE_KEY', 'pdl_ntfset_', /pdl_ntfset_[a-z0-9]{26}_[\w/+]{24,}/),
  token('flutterwave_key', 'FLUTTERWAVE_KEY', 'flwseck', /FLWSECK(?:_TEST)?-[0-9a-h]{12,}(?:-X)?/),
  provided('mollie_key', 'MOLLIE_KEY', 'mollie', '(?:live|test)_[A-Za-z0-9]{30,}'),
  provided('gocardless_token', 'GOCARDLESS_TOKEN', 'gocardless', '(?:live|sandbox)_[\\w=-]{40}'),
  provided('lob_key', 'LOB_KEY', 'lob_api lob_secret', '(?:live|test)_[0-9a-f]{35}'),
  token('shippo_token', 'SHIPPO_TOKEN', 'shippo_live_ shippo_test_', /shippo_(?:live|test)_[0-9a-f]{40}(?!\w)/),
  token('easypost_key', 'EASYPOST_KEY', 'ezak eztk', /EZ[AT]K[A-Za-z0-9]{54}(?!\w)/),
  token('duffel_token', 'DUFFEL_TOKEN', 'duffel_live_ duffel_test_', /duffel_(?:live|test)_[\w=-]{43}/),
  provided('finicity_key', 'FINICITY_KEY', 'finicity', '[0-9a-f]{32}|[A-Za-z0-9]{20}'),
  provided('freshbooks_token', 'FRESHBOOKS_TOKEN', 'freshbooks', '[0-9a-z]{64}'),
  provided('wise_token', 'WISE_TOKEN', 'wise_ transferwise', UUID),
  token('shopify_token', 'SHOPIFY_TOKEN', 'shpat_', /shpat_[0-9a-zA-Z]{32,64}(?!\w)/),
  token('shopify_custom_token', 'SHOPIFY_TOKEN', 'shpca_', /shpca_[0-9a-zA-Z]{32,64}(?!\w)/),
  token('shopify_private_token', 'SHOPIFY_TOKEN', 'shppa_', /shppa_[0-9a-zA-Z]{32,64}(?!\w)/),
  token('shopify_secret', 'SHOPIFY_TOKEN', 'shpss_', /shpss_[0-9a-zA-Z]{32,64}(?!\w)/),
  provided('bigcommerce_token', 'BIGCOMMERCE_TOKEN', 'bigcommerce', '[0-9a-z]{31}'),
  token('woocommerce_key', 'WOOCOMMERCE_KEY', 'ck_ cs_', /c[ks]_[0-9a-f]{40}(?!\w)/),
];

function plaidToken(): RegExp {
  return new RegExp(`access-(?:sandbox|production|development)-${UUID}`);
}
