import type { Candidate, TransportParameters } from '@liaison/sdp';

/** Without candidates the other side's packets tell where it is: enough for browsers, which hide their addresses. */
export interface RemoteTransport extends TransportParameters {
  candidates?: readonly Candidate[];
}

/** The payload type of the one format that the library is told of; what really flows is not its business. */
export const PIPE_PAYLOAD_TYPE = 111;

/**
 * The other side as libdatachannel is told: exactly one medium, so that every RTP and RTCP packet of the bundle
 * reaches the one track. The true description stays with the caller. The fields were checked by `readBrowser`.
 */
export function pipeDescription(remote: RemoteTransport): string {
  const { ufrag, pwd, fingerprint, setup } = remote;
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    'a=ice-options:trickle',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${PIPE_PAYLOAD_TYPE}`,
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${PIPE_PAYLOAD_TYPE} opus/48000/2`,
    `a=setup:${setup}`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    ...(remote.candidates ?? []).map(
      ({ foundation, priority, address, port, type }) =>
        `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}`,
    ),
    '',
  ].join('\r\n');
}
