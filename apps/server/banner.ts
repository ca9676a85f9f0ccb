import { mediaAddress, type Settings } from '@liaison/core/config';
import type { Demo } from './demo.ts';

export interface BannerFacts {
  settings: Settings;
  ports: { httpPort: number; httpsPort: number | null };
  sip: { udpPort: number | null; tcpPort: number | null };
  /** Set until the first organisation exists. */
  setupToken: string | null;
  demo: Demo | undefined;
  seconds: number;
}

/** Where people open Liaison: the named address, or this machine's. */
export function publicAddress({ settings, ports }: Pick<BannerFacts, 'settings' | 'ports'>): string {
  if (settings.publicUrl) return settings.publicUrl;
  // Browsers give the microphone on localhost or HTTPS only: the first is enough on a machine with a screen.
  return `http://localhost:${ports.httpPort}`;
}

/** The few lines that somebody who has just started it needs. */
export function banner(facts: BannerFacts): string {
  const { settings, ports, sip, setupToken, demo, seconds } = facts;
  const address = publicAddress(facts);
  const host = mediaAddress(settings);
  const lines = ['', `  Liaison is ready after ${seconds.toFixed(1)} s`, '', `  Open       ${address}`];
  if (!settings.publicUrl && ports.httpsPort !== null) {
    const trust = `http://${host}:${ports.httpPort}/trust`;
    lines.push(`  Elsewhere  https://${host}:${ports.httpsPort}   (how to trust it: ${trust})`);
  }
  if (setupToken) {
    lines.push(
      '',
      '  Create your organisation with this link, which works once:',
      `  ${address}/setup#${setupToken}`,
    );
  }
  if (demo) {
    lines.push('', `  The demo's people (${demo.domain} does not exist):`);
    for (const person of demo.signIns) {
      lines.push('', `  ${person.name}`, `    sign in    ${person.address}   ${person.password}`);
      if (sip.udpPort !== null) {
        lines.push(
          `    telephone  user ${person.sip.username}   password ${person.sip.secret}   domain ${demo.domain}`,
          `               server ${host}:${sip.udpPort} (UDP or TCP)   extension ${person.extension}`,
        );
      }
    }
  } else if (sip.udpPort !== null) {
    lines.push(`  Telephones ${host}:${sip.udpPort} (SIP over UDP and TCP)`);
  }
  lines.push('', '  Ctrl-C ends it.', '', '');
  return lines.join('\n');
}
