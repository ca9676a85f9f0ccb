import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, type BaresipOptions, createCertificate, startBaresip } from '@liaison/sip/testing';
import { expect } from 'vitest';
import { type Member, type NewMember, type RunningSuite, startSuite } from './suite.ts';
import { poll } from './world.ts';

/** Everything of baresip, and the tone that stands for its person's voice. */
export type LabTelephoneOptions = Partial<Omit<BaresipOptions, 'user' | 'domain' | 'workDir'>> & {
  /** Default 440. */
  readonly hz?: number;
  /** What is waited for; default that it is registered. */
  readonly until?: 'REGISTER_OK' | 'REGISTER_FAIL';
};

/** A telephone of Debian's baresip that says one tone. */
export interface LabTelephone extends Baresip {
  readonly hz: number;
  readonly member: Member;
  /** The best share (0 to 1) that `hz` had of any second that it heard since it was started. */
  heard(hz: number): Promise<number>;
  /** Samples that it has heard so far: they stand still while nothing arrives. */
  samplesHeard(): Promise<number>;
  /** As `heard`, in what came after that many samples; a quarter of a second is enough. */
  heardSince(hz: number, samples: number): Promise<number>;
}

/** The assembled suite with two people and what rings on their desks. Whoever opens it closes it. */
export interface TelephoneLab {
  readonly running: RunningSuite;
  readonly orgId: string;
  readonly domain: string;
  readonly alice: Member;
  readonly bob: Member;
  readonly members: readonly Member[];
  /** For what a test writes; gone with the lab. */
  readonly folder: string;
  /** Our side's port for a transport. */
  portOf(transport: BaresipOptions['transport']): number;
  /** The address that rings somebody: her extension, unless another name is given. */
  addressOf(member: Member, user?: string): string;
  /** A telephone of that person, registered (unless `register` is false). */
  telephone(member: Member, options?: LabTelephoneOptions): Promise<LabTelephone>;
  /** As told in `reach`. */
  stateOf(member: Member): Promise<string | undefined>;
  /** Ends every telephone so far; for `afterEach`. */
  endTelephones(): Promise<void>;
  close(): Promise<void>;
}

const twoPeople: readonly NewMember[] = [
  { name: 'Alice', extension: '4101' },
  { name: 'Bob', extension: '4102' },
];

/** Opens it on free ports, on a database of its own. The SIP side has TLS, with a certificate that nobody checks. */
export async function openTelephoneLab(
  options: Parameters<typeof startSuite>[0] & { people?: readonly NewMember[] } = {},
): Promise<TelephoneLab> {
  const { people = twoPeople, ...suiteOptions } = options;
  const folder = await mkdtemp(join(tmpdir(), 'liaison-lab-'));
  const running = await startSuite(suiteOptions);
  const telephones: Baresip[] = [];
  const { telephones: line } = running.suite.calls;

  async function endTelephones(): Promise<void> {
    for (const each of telephones.splice(0)) await each.stop();
  }
  async function close(): Promise<void> {
    await endTelephones();
    await running.close();
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const certificate = createCertificate(['IP:127.0.0.1', 'DNS:localhost']);
    await line.stop();
    line.secure({ options: () => ({ cert: certificate.certificate, key: certificate.key }) });
    await line.start();
    const { orgId, domain, members } = await running.organisation('harbour', people);
    const [alice, bob] = members as [Member, Member];
    const portOf: TelephoneLab['portOf'] = (transport = 'udp') => line.ports[`${transport}Port`] ?? 0;

    return {
      running,
      orgId,
      domain,
      members,
      alice,
      bob,
      folder,
      portOf,
      addressOf: (member, user = member.extension) => `sip:${user}@${domain}`,
      async telephone(member, { hz = 440, until = 'REGISTER_OK', ...more } = {}) {
        const { username, secret } = await running.telephone(member);
        const workDir = await mkdtemp(join(folder, 'telephone-'));
        const audioSource = join(workDir, 'tone.wav');
        await writeFile(audioSource, wavOf(tone(hz, 30)));
        const made = await startBaresip({
          user: username,
          domain,
          password: secret,
          server: { host: '127.0.0.1', port: portOf(more.transport) },
          workDir,
          audioSource,
          recordTo: workDir,
          ...more,
        });
        telephones.push(made);
        if (more.register !== false) await made.waitFor(until, { deadlineMs: 20_000 });
        return listening(made, member, hz);
      },
      stateOf: async (member) =>
        (await running.suite.reach.statesOf(orgId, [member.id])).get(member.id)?.state,
      endTelephones,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function listening(phone: Baresip, member: Member, hz: number): LabTelephone {
  /** All that it heard, one recording after another: it begins a new one with every re-INVITE. */
  async function sound(): Promise<{ samples: Int16Array; rate: number }> {
    const files = (await phone.recordings()).filter((name) => name.endsWith('-dec.wav')).sort();
    const parts = [];
    for (const file of files) {
      const bytes = await readFile(file);
      const data = bytes.indexOf('data');
      // Its header may still be on its way, and says what there was when it was written: all that there is counts.
      if (data < 0 || bytes.length < data + 8) continue;
      bytes.writeUInt32LE(0, data + 4);
      parts.push(readWav(bytes));
    }
    const samples = new Int16Array(parts.reduce((sum, part) => sum + part.samples.length, 0));
    let at = 0;
    for (const part of parts) {
      samples.set(part.samples, at);
      at += part.samples.length;
    }
    return { samples, rate: parts.at(-1)?.rate ?? 8000 };
  }
  /** Recordings have gaps while a codec settles: the best window counts. */
  function best(wanted: number, samples: Int16Array, rate: number, windowSamples: number): number {
    let found = 0;
    for (let at = 0; at + windowSamples <= samples.length; at += rate / 8) {
      const window = samples.subarray(at, at + windowSamples);
      if (loudness(window) > 0.01) found = Math.max(found, energyAt(wanted, window, rate));
    }
    return found;
  }
  return Object.assign(phone, {
    hz,
    member,
    async heard(wanted: number) {
      const { samples, rate } = await sound();
      return best(wanted, samples, rate, rate);
    },
    samplesHeard: async () => (await sound()).samples.length,
    async heardSince(wanted: number, from: number) {
      const { samples, rate } = await sound();
      return best(wanted, samples.subarray(from), rate, rate / 4);
    },
  });
}

/** Both hear the other's tone, and not their own, in the call that they are in; waits for it. */
export async function hearEachOther(a: LabTelephone, b: LabTelephone, deadlineMs = 20_000): Promise<void> {
  const heard = async () => ({ a: await a.heard(b.hz), b: await b.heard(a.hz) });
  await expect
    .poll(heard, { timeout: deadlineMs, interval: 200 })
    .toEqual({ a: expect.toSatisfy(isClear), b: expect.toSatisfy(isClear) });
  expect({ a: await a.heard(a.hz), b: await b.heard(b.hz) }).toEqual({
    a: expect.toSatisfy(isAbsent),
    b: expect.toSatisfy(isAbsent),
  });
}
const isClear = (share: number) => share > 0.8;
const isAbsent = (share: number) => share < 0.05;

/** Resolves once nothing has arrived at that telephone for a while: the other side holds. */
export async function fallsSilent(phone: LabTelephone): Promise<number> {
  let before = await phone.samplesHeard();
  let since = Date.now();
  return poll('a telephone falls silent', async () => {
    const now = await phone.samplesHeard();
    if (now !== before) since = Date.now();
    before = now;
    return Date.now() - since > 500 ? { now } : undefined;
  }).then(({ now }) => now);
}

/** Resolves once that tone arrives at that telephone after so many samples. */
export async function hearsAfter(phone: LabTelephone, hz: number, samples: number): Promise<void> {
  await expect
    .poll(() => phone.heardSince(hz, samples), { timeout: 15_000, interval: 100 })
    .toSatisfy(isClear);
}
