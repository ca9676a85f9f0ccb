import { randomUUID } from 'node:crypto';

/** How the answer to `createMarker` is told from others. */
export const isMarker = (answer: string): boolean => answer.includes('sip:marker@');

/**
 * A request that is answered (401) after a look-up of credentials, as the slowest of those before it: requests are looked up in
 * the order in which they come, so whatever has no answer when this has one gets none.
 */
export function createMarker(transport: 'UDP' | 'TCP'): string {
  const id = randomUUID();
  return (
    `REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/${transport} 127.0.0.1;rport;branch=z9hG4bKmarker${id}\r\n` +
    `From: <sip:marker@example.com>;tag=1\r\nTo: <sip:marker@example.com>\r\nCall-ID: ${id}\r\nCSeq: 1 REGISTER\r\n` +
    'Authorization: Digest username="nobody", realm="estuaria.example", nonce="x", uri="sip:example.com", ' +
    `response="${'0'.repeat(64)}", algorithm=SHA-256, qop=auth, cnonce="x", nc=00000001\r\nContent-Length: 0\r\n\r\n`
  );
}
