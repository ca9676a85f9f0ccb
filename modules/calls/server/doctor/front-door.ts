import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Finding } from './finding.ts';

/**
 * Telephones in browsers come by the public address, mostly through a proxy: whether that lets WebSocket connections for SIP
 * through (RFC 7118 §4) is asked from here. A machine may be unable to reach its own public address, so silence is a warning.
 */
export function askFrontDoor(publicUrl: string, patienceMs = 5000): Promise<Finding> {
  const url = new URL('/sip', publicUrl);
  const isTls = url.protocol === 'https:';
  const began = performance.now();
  const shown = `${isTls ? 'wss' : 'ws'}://${url.host}/sip`;
  return new Promise((resolve) => {
    const tell = (outcome: Finding['outcome'], what: string, mend?: string): void => {
      request.destroy();
      resolve({
        step: 'proxy',
        transport: isTls ? 'wss' : 'ws',
        outcome,
        what,
        ...(mend === undefined ? {} : { mend }),
        ms: Math.round(performance.now() - began),
      });
    };
    const request = (isTls ? requestTls : requestPlain)(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'bGlhaXNvbi1kb2N0b3ItMQ==',
        'sec-websocket-protocol': 'sip',
      },
      agent: false,
      timeout: patienceMs,
      // The certificate is judged in a step of its own; what is behind the proxy shows here.
      rejectUnauthorized: false,
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      if (response.headers['sec-websocket-protocol'] === 'sip')
        tell('good', `browsers’ telephones get through to ${shown}`);
      else
        tell(
          'failed',
          `at ${shown} answers something that does not speak SIP`,
          'let the proxy pass the path /sip on to this server',
        );
    });
    request.on('response', (response) => {
      tell(
        'failed',
        `${shown} refuses WebSocket connections (${response.statusCode})`,
        'let the proxy pass on Upgrade and Connection at /sip and /api/v1/live, and look whether LIAISON_PUBLIC_URL is its address',
      );
    });
    const unreached = (why: string) =>
      tell(
        'warning',
        `${shown} cannot be reached from this machine: ${why}`,
        'look whether the proxy runs and LIAISON_PUBLIC_URL is its address; right where this machine cannot reach its own public address',
      );
    request.on('timeout', () => unreached('no answer'));
    request.on('error', (error) => unreached(error.message));
    request.end();
  });
}
