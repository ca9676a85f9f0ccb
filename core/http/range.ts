/** What a request wants of a file: all of it, a part, or a part that is not there. */
export type WantedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'none' };

/**
 * One range of bytes, both ends included. Several at once, other units and what is not understood are answered with the
 * whole, as RFC 9110 §14.2 allows.
 */
export function readRange(header: string | undefined, bytes: number): WantedRange {
  const found = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (!found || (found[1] === '' && found[2] === '')) return { kind: 'whole' };
  const [, first = '', last = ''] = found;
  if (first === '') {
    const suffix = Math.min(Number(last), bytes);
    // RFC 9110 §14.1.3: a suffix of nothing cannot be satisfied.
    return suffix === 0 ? { kind: 'none' } : { kind: 'part', start: bytes - suffix, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start >= bytes ? { kind: 'none' } : { kind: 'part', start, end };
}

/** The same for a content with this ETag: RFC 9110 §13.1.5, a part of what the browser has another version of would not fit. */
export function wantedRange(
  headers: { readonly range?: string | undefined; readonly 'if-range'?: string | string[] | undefined },
  { etag, bytes }: { etag: string; bytes: number },
): WantedRange {
  const ifRange = headers['if-range'];
  return ifRange === undefined || ifRange === etag ? readRange(headers.range, bytes) : { kind: 'whole' };
}
