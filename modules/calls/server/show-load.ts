import type { Metrics } from '@liaison/core/metrics';
import type { Load } from '@liaison/sip';

/** What the SIP sockets of this process have to bear, for Prometheus; zeros in a process without them. */
export function showLoad(metrics: Pick<Metrics, 'gauge'>, load: () => Load | undefined): void {
  metrics.gauge({
    name: 'liaison_sip_overloaded',
    help: '1 while new SIP requests are refused with 503 because those before them wait too long',
    read: () => (load()?.isOverloaded ? 1 : 0),
  });
  metrics.gauge({
    name: 'liaison_sip_delay_seconds',
    help: 'How long a SIP message waits to be looked at, or a request for its first answer, as last measured',
    read: () => (load()?.delayMs ?? 0) / 1000,
  });
  metrics.gauge({
    name: 'liaison_sip_requests_under_way',
    help: 'SIP requests outside of dialogs that wait for their first answer',
    read: () => load()?.underWay ?? 0,
  });
  metrics.gauge({
    name: 'liaison_sip_requests_refused_total',
    help: 'SIP requests refused with 503 by overload control since the start',
    read: () => load()?.refused ?? 0,
  });
}
