/** Names of fields whose values never reach a log, without case, `-` and `_`. */
const secretNames = new Set(
  [
    'password passwd pwd passphrase secret token accesstoken refreshtoken idtoken authorization proxyauthorization',
    'cookie setcookie session sessionid sessiontoken csrf otp totp pin code recoverycode backupcodes credential credentials',
    'apikey privatekey key masterkey ha1 a1 nonce cnonce response signature databaseurl connectionstring natsurl',
  ]
    .join(' ')
    .split(' '),
);

/** Names of fields that hold what people write to each other. */
const contentNames = new Set(
  'body content text html markdown subject snippet draft raw payload sdp'.split(' '),
);

const maxDepth = 6;
const maxEntries = 100;
const maxText = 4000;

/**
 * A copy of what is about to be logged, without secrets and without people's content, bounded in depth, breadth and
 * text. Errors stay as they are: the log's error serializer writes them.
 */
export function redact(value: Record<string, unknown>): Record<string, unknown> {
  return copyFields(value, 0, new Set());
}

function copyFields(value: object, depth: number, above: Set<object>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  let count = 0;
  above.add(value);
  for (const [name, field] of Object.entries(value)) {
    if (++count > maxEntries) {
      copy['…'] = 'more fields not shown';
      break;
    }
    const plain = name.replace(/[-_]/g, '').toLowerCase();
    if (field === undefined || field === null) copy[name] = field;
    else if (secretNames.has(plain) && !isHarmless(plain, field)) copy[name] = '[secret]';
    else if (contentNames.has(plain) && !isHarmless(plain, field)) copy[name] = '[content]';
    else copy[name] = copyValue(field, depth + 1, above);
  }
  above.delete(value);
  return copy;
}

/** A number in `code` or `content` is a status or a length, and an upper-case word such as ENOENT is an error's name. */
function isHarmless(name: string, field: unknown): boolean {
  if (typeof field === 'boolean') return true;
  if (name === 'code') return typeof field === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(field);
  return contentNames.has(name) && typeof field === 'number';
}

function copyValue(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string')
    return value.length > maxText ? `${value.slice(0, maxText)}…` : withoutUrlPasswords(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return serializeError(value);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (above.has(value)) return '[circular]';
  if (depth >= maxDepth) return '[deeper]';
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (Array.isArray(value)) {
    above.add(value);
    const copy = value.slice(0, maxEntries).map((item) => copyValue(item, depth + 1, above));
    above.delete(value);
    return copy;
  }
  return copyFields(value, depth, above);
}

/**
 * What is logged of an error: kind, message, code, stack and cause. PostgreSQL's `detail`, `where` and parameters hold
 * values of rows, and a parser's `input` holds what somebody sent: nothing but the named fields is taken.
 */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error))
    return typeof error === 'object' ? '[not an error]' : String(error).slice(0, maxText);
  const shown: Record<string, unknown> = {
    type: error.name,
    message: withoutUrlPasswords(error.message.slice(0, maxText)),
    stack: withoutUrlPasswords((error.stack ?? '').slice(0, maxText)),
  };
  for (const name of ['code', 'syscall', 'constraint', 'table', 'schema', 'statusCode'] as const) {
    const field: unknown = name in error ? (error as unknown as Record<string, unknown>)[name] : undefined;
    if (typeof field === 'string' || typeof field === 'number') shown[name] = field;
  }
  if (error.cause !== undefined && depth < 3) shown.cause = serializeError(error.cause, depth + 1);
  return shown;
}

function withoutUrlPasswords(text: string): string {
  return text.includes('://') ? text.replace(/(:\/\/[^/\s:@]{0,200}:)[^/\s@]{1,400}@/g, '$1…@') : text;
}
