import type { Metrics } from '@liaison/core/metrics';

/** Dialogs that must be gone when nobody calls, for Prometheus; zero in a process without SIP sockets. */
export function showSessions(
  metrics: Pick<Metrics, 'gauge'>,
  sessions: () => ReadonlyMap<string, unknown> | undefined,
): void {
  metrics.gauge({
    name: 'liaison_sip_sessions',
    help: 'Telephones that ring, call or talk over the SIP sockets of this process',
    read: () => sessions()?.size ?? 0,
  });
}
