export type DoctorTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** What is looked at, in its order; the first that fails on a transport ends that transport. */
export type DoctorStep =
  | 'server'
  | 'duties'
  | 'address'
  | 'names'
  | 'queue'
  | 'port'
  | 'proxy'
  | 'certificate'
  | 'registration'
  | 'call'
  | 'description'
  | 'sound'
  | 'keys'
  | 'hang-up';

export interface Finding {
  readonly step: DoctorStep;
  readonly transport: DoctorTransport | null;
  readonly outcome: 'good' | 'warning' | 'failed';
  /** What was found, without a full stop. */
  readonly what: string;
  /** What to do, as an imperative; with warnings and failures. */
  readonly mend?: string;
  readonly ms: number;
}

/** Ends the examination of a transport: what was found at which step, and its mend. */
export class Failed extends Error {
  readonly step: DoctorStep;
  readonly mend: string;
  constructor(step: DoctorStep, what: string, mend: string) {
    super(what);
    this.step = step;
    this.mend = mend;
  }
}

/** The setting of each transport's port. */
export const portSetting: Record<DoctorTransport, string> = {
  udp: 'LIAISON_SIP_PORT',
  tcp: 'LIAISON_SIP_PORT',
  tls: 'LIAISON_SIPS_PORT',
  ws: 'LIAISON_HTTP_PORT',
  wss: 'LIAISON_HTTPS_PORT',
};
