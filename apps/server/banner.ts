import { isIP } from 'node:net';
import { isLoopback, mediaAddress, type Settings } from '@liaison/core/config';
import type { Demo } from './demo.ts';
import type { Doors } from './doors.ts';

export interface BannerFacts {
  settings: Settings;
  doors: Pick<Doors, 'httpPort' | 'httpsPort'> & { authority: { fingerprint: string } | undefined };
  sip: { udpPort: number | null; tcpPort: number | null; tlsPort: number | null };
  /** Set until the first organisation exists. */
  setupToken: string | null;
  demo: Demo | undefined;
  seconds: number;
}

/** Where people open Liaison: the named address, or this machine's. */
function publicAddress({ settings, doors }: Pick<BannerFacts, 'settings' | 'doors'>): string {
  if (settings.publicUrl) return settings.publicUrl;
  // Browsers give the microphone on localhost or HTTPS only: the first is enough on a machine with a screen.
  return `http://localhost:${doors.httpPort}`;
}

/** The few lines that somebody who has just started it needs. */
export function banner(facts: BannerFacts): string {
  const { settings, setupToken, demo, seconds } = facts;
  const address = publicAddress(facts);
  const lines = ['', `  Liaison is ready (${seconds.toFixed(1)} s)`, '', `  Open        ${address}`];
  lines.push(...elsewhere(facts));
  if (!demo) lines.push(...telephones(facts));
  if (setupToken) {
    lines.push(
      '',
      '  Create your organisation with this link; it works once:',
      '',
      `  ${address}/setup#${setupToken}`,
    );
  }
  if (demo) lines.push(...demoPeople(demo, facts));
  lines.push('', `  Everything is kept in ${settings.dataFolder}`, '  Ctrl-C ends it.', '', '');
  return lines.join('\n');
}

/** How other machines come in, where they can: over HTTPS, after trusting the self-made authority. */
function elsewhere({ settings, doors }: BannerFacts): string[] {
  if (settings.publicUrl !== undefined || doors.httpsPort === null || isLoopback(settings.bind)) return [];
  const host = settings.advertise[0] ?? mediaAddress(settings);
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const lines = [`  Elsewhere   https://${name}:${doors.httpsPort}`];
  if (doors.authority) {
    // 32 bytes in two halves: one line of all would be broken by the terminal, and could not be compared.
    const print = doors.authority.fingerprint;
    lines.push(
      `              trust it first: http://${name}:${doors.httpPort}/trust`,
      `              fingerprint     ${print.slice(0, 47)}`,
      `                              ${print.slice(48)}`,
    );
  }
  return lines;
}

function telephones(facts: BannerFacts): string[] {
  const server = sipServer(facts);
  return server === null ? [] : [`  Telephones  ${server}`];
}

function sipServer({ settings, sip }: BannerFacts): string | null {
  if (sip.udpPort === null) return null;
  const host = isLoopback(settings.bind) ? settings.bind : mediaAddress(settings);
  const secure = sip.tlsPort === null ? '' : `; TLS ${sip.tlsPort}`;
  return `${host}:${sip.udpPort} (SIP over UDP or TCP${secure})`;
}

function demoPeople(demo: Demo, facts: BannerFacts): string[] {
  const server = sipServer(facts);
  const lines = ['', `  ${demo.name} is a fictional organisation. Sign in as one of its people:`];
  for (const person of demo.signIns) {
    lines.push(
      '',
      `  ${person.name}`,
      `    address       ${person.address}`,
      `    password      ${person.password}`,
    );
    if (server === null) continue;
    lines.push(
      '    telephone',
      `      user        ${person.sip.username}`,
      `      password    ${person.sip.secret}`,
      `      domain      ${demo.domain}`,
      `      server      ${server}`,
      `      extension   ${person.extension}`,
    );
  }
  return lines;
}
