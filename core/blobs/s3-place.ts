import { StartError } from '../config/index.ts';
import type { S3Place } from './s3-client.ts';

const mend =
  'name a bucket such as s3://KEY:SECRET@store.example.org/bucket?region=eu (s3+http: without TLS, inside a closed network)';

/**
 * Reads `s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX][?region=NAME]`; `s3+http:` is the same without TLS. Key and secret are
 * percent-encoded where they hold `/`, `:`, `@` or `%`. Throws a `StartError` that says what is missing, never the secret,
 * and which setting named it.
 */
export function readS3Place(address: string, setting = 'BLOBS_URL'): S3Place {
  const refused = (what: string): StartError => new StartError({ what, setting, mend });
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw refused('the key or the secret of the bucket has a % that stands for nothing');
    }
  };
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw refused('that is not the address of a bucket');
  }
  const isPlain = url.protocol === 's3+http:';
  const [, bucket = '', ...below] = url.pathname.split('/');
  const [keyId, secret] = [decoded(url.username), decoded(url.password)];
  if (url.hostname === '') throw refused('the bucket has no host');
  if (keyId === '' || secret === '') throw refused('the bucket has no key or no secret');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw refused(`a bucket cannot be called "${bucket}"`);
  const prefix = below.filter((part) => part !== '').join('/');
  if (!/^[A-Za-z0-9/_.-]{0,200}$/.test(prefix) || below.some((part) => part === '.' || part === '..')) {
    throw refused('the folder in the bucket has other signs than letters, digits, dot, dash and underscore');
  }
  for (const name of url.searchParams.keys()) {
    if (name !== 'region') throw refused(`the bucket's address knows no "${name}"`);
  }
  return {
    isPlain,
    host: url.hostname,
    port: url.port === '' ? (isPlain ? 80 : 443) : Number(url.port),
    keyId,
    secret,
    // What stores that have no regions, and S3 itself, take.
    region: url.searchParams.get('region') ?? 'us-east-1',
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
  };
}
