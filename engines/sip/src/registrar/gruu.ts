import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import type { SipUri } from '../message/uri.ts';
import type { Binding } from './types.ts';

/** What a GRUU stands for: one instance registered at one address. */
export interface ResolvedGruu {
  readonly aor: SipUri;
  readonly instanceId: string;
  /** A temporary one is good for bindings that were made by the same series of REGISTERs (RFC 5627 §5.1). */
  isFor(binding: Pick<Binding, 'instanceId' | 'callId'>): boolean;
}

/** Addresses that reach one telephone of several, wherever it is now (RFC 5627). Nothing is stored: a secret makes them. */
export interface Gruus {
  /** Says openly whose it is and of which instance (RFC 5627 §3.1.1). */
  publicFor(aor: SipUri, instanceId: string): SipUri;
  /** Says nothing to anybody but us (RFC 5627 §3.1.2); a new one each time. */
  temporaryFor(aor: SipUri, instanceId: string, callId: string): SipUri;
  /** Undefined when the URI is no GRUU, or not one of ours. */
  resolve(uri: SipUri): ResolvedGruu | undefined;
}

const ivBytes = 12;
const tagBytes = 16;
const prefix = 'tgruu.';

export function createGruus(secret: Buffer): Gruus {
  const key = createHmac('sha256', secret).update('sip gruu').digest();

  function resolveTemporary(uri: SipUri): ResolvedGruu | undefined {
    const { user = '' } = uri;
    if (!user.startsWith(prefix)) return undefined;
    const bytes = Buffer.from(user.slice(prefix.length), 'base64url');
    // One spelling only: base64url leaves room for others.
    if (bytes.length <= ivBytes + tagBytes || prefix + bytes.toString('base64url') !== user) return undefined;
    let plain: string;
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes));
      decipher.setAAD(Buffer.from(uri.host));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      plain = Buffer.concat([
        decipher.update(bytes.subarray(ivBytes + tagBytes)),
        decipher.final(),
      ]).toString();
    } catch {
      return undefined; // Not made by us, or changed on the way.
    }
    const [aorUser = '', instanceId = '', series = ''] = plain.split('\0');
    return {
      aor: { scheme: uri.scheme, user: aorUser, host: uri.host, params: new Map() },
      instanceId,
      isFor: (binding) => binding.instanceId === instanceId && seriesOf(binding.callId) === series,
    };
  }

  return {
    publicFor: (aor, instanceId) => ({ ...aor, params: new Map([['gr', escapeParam(instanceId)]]) }),
    temporaryFor(aor, instanceId, callId) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(Buffer.from(aor.host));
      const plain = `${aor.user ?? ''}\0${instanceId}\0${seriesOf(callId)}`;
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const user = prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
      return { scheme: aor.scheme, user, host: aor.host, params: new Map([['gr', null]]) };
    },
    resolve(uri) {
      const gr = uri.params.get('gr');
      if (gr === undefined) return undefined;
      if (gr === null) return resolveTemporary(uri);
      const instanceId = unescapeParam(gr);
      const { scheme, user, host } = uri;
      return {
        aor: { scheme, ...(user !== undefined && { user }), host, params: new Map() },
        instanceId,
        isFor: (binding) => binding.instanceId === instanceId,
      };
    },
  };
}

/** Stands for the Call-ID of a series of REGISTERs, in few bytes. */
function seriesOf(callId: string): string {
  return createHash('sha256').update(callId).digest('base64url').slice(0, 12);
}

/** Colons may stand in a URI's parameter as they are, as in `urn:uuid:…` (RFC 3261 §25.1 param-unreserved). */
function escapeParam(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function unescapeParam(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
