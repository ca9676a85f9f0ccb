import type { UserAgent, UserAgentOptions } from './types.ts';

export function createUserAgent(_options: UserAgentOptions): UserAgent {
  throw new Error('not yet');
}
