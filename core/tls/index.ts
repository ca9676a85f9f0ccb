export type { Authority } from './authority.ts';
export { createTls, type Tls, type TlsOptions } from './tls.ts';
