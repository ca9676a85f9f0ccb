import { receiveQueueBytes } from '@liaison/sip';
import { droppedFigure, receiveQueueFigure } from '../show-load.ts';
import type { Finding } from './finding.ts';

/** A few are lost in any burst. */
const fewDropped = 100;

/** A figure without labels in Prometheus' text format. */
function figureOf(text: string, name: string): number | undefined {
  const value = Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return Number.isFinite(value) ? value : undefined;
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString('en')} kB`;

/**
 * How much of what telephones send by UDP the system holds for the running server, and what of it was lost: what the process
 * behind this address says of itself at `/metrics`.
 */
export async function askReceiveQueue(host: string, port: number, patienceMs = 5000): Promise<Finding> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
  const began = performance.now();
  const found = (outcome: Finding['outcome'], what: string, mend?: string): Finding => ({
    step: 'queue',
    transport: null,
    outcome,
    what,
    ...(mend === undefined ? {} : { mend }),
    ms: Math.round(performance.now() - began),
  });
  const text = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    .then((answer) => (answer.ok ? answer.text() : ''))
    .catch(() => '');
  const granted = figureOf(text, receiveQueueFigure);
  const dropped = figureOf(text, droppedFigure);
  if (granted === undefined || dropped === undefined) {
    return found(
      'warning',
      `how many SIP messages were lost unread is not said at ${url}`,
      'run the doctor on the machine of the server, or name its address in LIAISON_METRICS_FROM',
    );
  }
  if (granted === 0) return found('good', 'the process that answers here has no SIP socket of its own');
  const held = `the system holds ${kilobytes(granted)} of unread SIP messages`;
  const lost = dropped === 1 ? '1 was lost' : `${dropped.toLocaleString('en')} were lost`;
  if (dropped > fewDropped) {
    return found(
      'warning',
      `${held}, and ${lost} unread since the start`,
      granted < receiveQueueBytes
        ? `sysctl -w net.core.rmem_max=${receiveQueueBytes}, and restart the server`
        : 'the server is busy for too long at a time: look at the delay of its event loop, and what else this machine does',
    );
  }
  if (granted < receiveQueueBytes) {
    return found(
      'warning',
      `${held} instead of ${kilobytes(receiveQueueBytes)}: some get lost when all telephones come back at once (${lost} so far)`,
      `sysctl -w net.core.rmem_max=${receiveQueueBytes}, and restart the server`,
    );
  }
  return found('good', `${held}, and ${dropped === 0 ? 'none was lost' : `${lost} unread since the start`}`);
}
