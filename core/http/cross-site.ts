import type { IncomingMessage } from 'node:http';
import { Problem } from '../contract/index.ts';

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a state change that another site made the browser send. Browsers say where a request comes from in
 * Sec-Fetch-Site, older ones in Origin; one that says neither and brings a cookie is refused as well.
 *
 * @returns the refusal, or null when the request may go on.
 */
export function crossSite(
  request: IncomingMessage,
  method: string,
  origins: readonly string[],
): Problem | null {
  if (harmless.has(method)) return null;
  // Made only when it is needed: an error's stack costs more than all of this question.
  const refusal = () =>
    new Problem(403, 'cross-site', 'This request came from another site and was refused.');
  const origin = request.headers.origin;
  if (origin !== undefined) return origins.includes(origin) ? null : refusal();
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? null : refusal();
  return request.headers.cookie === undefined ? null : refusal();
}
