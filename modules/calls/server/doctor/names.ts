import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Finding } from './finding.ts';

/** @throws what `lookup` of node:dns throws. */
export type Resolve = (name: string) => Promise<string[]>;

const resolveHere: Resolve = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

/** Within this a resolver answers that has an answer. */
const patienceMs = 5000;

/**
 * Whether the names that telephones and browsers are told lead here. Asked of this machine's resolver: elsewhere another one may
 * answer otherwise, so what leads elsewhere is a warning.
 */
export async function judgeNames(
  names: readonly string[],
  /** Of this machine, and those that it says of itself. */
  addresses: readonly string[],
  resolve: Resolve = resolveHere,
): Promise<Finding[]> {
  const asked = [...new Set(names.map((name) => name.toLowerCase()))].filter(
    (name) => isIP(name.replace(/^\[|\]$/g, '')) === 0 && name !== 'localhost',
  );
  return Promise.all(
    asked.map(async (name): Promise<Finding> => {
      const began = performance.now();
      const found = (outcome: Finding['outcome'], what: string, mend?: string): Finding => ({
        step: 'names',
        transport: null,
        outcome,
        what,
        ...(mend === undefined ? {} : { mend }),
        ms: Math.round(performance.now() - began),
      });
      let late: NodeJS.Timeout | undefined;
      try {
        const answers = await Promise.race([
          resolve(name),
          new Promise<never>((_resolve, reject) => {
            late = setTimeout(() => reject(new Error('no answer in time')), patienceMs);
          }),
        ]);
        if (answers.some((address) => addresses.includes(address)))
          return found('good', `${name} leads to this machine`);
        return found(
          'warning',
          `${name} leads to ${answers.join(', ')}, which is no address of this machine and none that it advertises`,
          'right where a router or proxy stands in front and passes everything on; otherwise correct the name in DNS, or LIAISON_ADVERTISE and LIAISON_PUBLIC_URL',
        );
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ENOTFOUND' || code === 'ENODATA')
          return found(
            'failed',
            `${name} is known to no DNS server that this machine asks`,
            'enter an A or AAAA record for it with the address that telephones reach, or take the name out of LIAISON_ADVERTISE and LIAISON_PUBLIC_URL',
          );
        return found(
          'warning',
          `DNS gives no answer about ${name} (${error instanceof Error ? error.message : String(error)})`,
          'look at /etc/resolv.conf and at the DNS server of this machine',
        );
      } finally {
        clearTimeout(late);
      }
    }),
  );
}
