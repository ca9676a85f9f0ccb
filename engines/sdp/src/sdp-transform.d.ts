/** The part of sdp-transform that this engine reads; the package brings no types. Nothing of it is trusted. */
declare module 'sdp-transform' {
  export interface RawFingerprint {
    type?: unknown;
    hash?: unknown;
  }
  export interface RawMedia {
    type?: unknown;
    port?: unknown;
    protocol?: unknown;
    payloads?: unknown;
    direction?: unknown;
    ptime?: unknown;
    maxptime?: unknown;
    mid?: unknown;
    iceUfrag?: unknown;
    icePwd?: unknown;
    fingerprint?: RawFingerprint;
    setup?: unknown;
    connection?: { version?: unknown; ip?: unknown };
    rtcp?: { port?: unknown; address?: unknown };
    rtcpMux?: unknown;
    bundleOnly?: unknown;
    rtcpFb?: { payload?: unknown; type?: unknown; subtype?: unknown }[];
    crypto?: { id?: unknown; suite?: unknown; config?: unknown; sessionConfig?: unknown }[];
    rtp?: { payload?: unknown; codec?: unknown; rate?: unknown; encoding?: unknown }[];
    fmtp?: { payload?: unknown; config?: unknown }[];
    candidates?: {
      foundation?: unknown;
      component?: unknown;
      transport?: unknown;
      priority?: unknown;
      ip?: unknown;
      port?: unknown;
      type?: unknown;
      tcptype?: unknown;
    }[];
  }
  export interface RawSession {
    version?: unknown;
    origin?: unknown;
    connection?: RawMedia['connection'];
    direction?: unknown;
    groups?: { type?: unknown; mids?: unknown }[];
    iceUfrag?: unknown;
    icePwd?: unknown;
    fingerprint?: RawFingerprint;
    setup?: unknown;
    media: RawMedia[];
  }
  const transform: { parse(sdp: string): RawSession };
  export default transform;
}
