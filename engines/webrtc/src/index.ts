export type { RemoteTransport } from './pipe-sdp.ts';
export {
  createSecurePipe,
  PipeError,
  type PipeState,
  type SecurePipe,
  type SecurePipeOptions,
} from './secure-pipe.ts';
