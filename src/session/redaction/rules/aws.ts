import { assigned, type RedactRule, token } from './rule.ts';

export const AWS: readonly RedactRule[] = [
  token(
    'aws_access_key',
    'AWS_KEY',
    'akia asia abia acca a3t',
    /A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])/,
  ),
  assigned('aws_secret_key', 'AWS_SECRET', 'aws_secret awssecret secret_access secretaccess', {
    name: '(?:aws_?)?secret_?(?:access_?)?key',
    value: '([A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])',
  }),
  assigned('aws_session_token', 'AWS_TOKEN', 'aws_session_token sessiontoken x-amz-security-token', {
    name: '(?:aws_session_token|session_?token|x-amz-security-token)',
    value: '([A-Za-z0-9/+=%]{80,})',
  }),
  assigned('aws_signature', 'AWS_SIGNATURE', 'x-amz-signature', {
    name: 'x-amz-signature',
    value: '([0-9a-f]{64})(?!\\w)',
  }),
  token('aws_bedrock_key', 'AWS_KEY', 'absk', /ABSK[A-Za-z0-9+/]{100,}={0,2}/),
  token('aws_bedrock_short_key', 'AWS_KEY', 'bedrock-api-key-', /bedrock-api-key-[A-Za-z0-9+/]{40,}={0,2}/),
  token('aws_mws_token', 'AWS_TOKEN', 'amzn.mws.', /amzn\.mws\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/),
  token('aws_appsync_key', 'AWS_KEY', 'da2-', /da2-[a-z0-9]{26}(?!\w)/),
  token('amazon_login_secret', 'AMAZON_SECRET', 'amzn1.oa2-cs.', /amzn1\.oa2-cs\.v1\.[0-9a-f]{64}(?!\w)/),
  token('amazon_login_token', 'AMAZON_TOKEN', 'atza| atzr|', /Atz[ar]\|[\w+/=-]{40,}/),
];
