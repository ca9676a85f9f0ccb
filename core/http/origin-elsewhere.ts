import { isIPv6 } from 'node:net';
import { isLoopback } from '../config/index.ts';

/**
 * The origin under which other machines open a page whose own origin is good on this machine only: HTTPS on the
 * advertised host. Null where the origin is good everywhere, or where nobody else can come in (`port` null, no host).
 */
export function originElsewhere(
  origin: string,
  open: { readonly host: string | undefined; readonly port: number | null },
): string | null {
  if (open.port === null || !open.host || !isLoopback(new URL(origin).hostname)) return null;
  return `https://${isIPv6(open.host) ? `[${open.host}]` : open.host}:${open.port}`;
}
