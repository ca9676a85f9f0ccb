import type { Metrics } from '@liaison/core/metrics';
import type { UserAgent } from '@liaison/sip';

/** The names of what the doctor reads. */
export const receiveQueueFigure = 'liaison_sip_receive_queue_bytes';
export const droppedFigure = 'liaison_sip_messages_dropped_total';

/** What the SIP sockets of this process have to bear, for Prometheus; zeros in a process without them. */
export function showLoad(
  metrics: Pick<Metrics, 'gauge'>,
  agent: () => Pick<UserAgent, 'load' | 'receiveQueue' | 'dropped'> | null,
): void {
  const load = () => agent()?.load;
  metrics.gauge({
    name: receiveQueueFigure,
    help: 'How much of what telephones send by UDP the system holds until it is read',
    read: () => agent()?.receiveQueue?.grantedBytes ?? 0,
  });
  metrics.gauge({
    name: droppedFigure,
    help: 'SIP messages that the system dropped since the start because they were not read in time',
    read: async () => (await agent()?.dropped()) ?? 0,
  });
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
