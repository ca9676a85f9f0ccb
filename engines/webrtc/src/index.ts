export { type BarePipe, type BarePipeOptions, createBarePipe } from './bare-pipe.ts';
export { createPipeCertificate, type PipeCertificate } from './certificate.ts';
export { createIceGate, type IceGate, type IceGateOptions } from './ice-gate.ts';
export type { RemoteTransport } from './pipe-sdp.ts';
export {
  createSecurePipe,
  PipeError,
  type PipeState,
  type SecurePipe,
  type SecurePipeOptions,
} from './secure-pipe.ts';
