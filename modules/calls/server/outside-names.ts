import type { Contacts } from '@liaison/contacts';
import { type CallRecord, outsideNumber, type Party } from '../contract/index.ts';

/** Somebody outside is shown to each reader as that reader's address books call her. */
export interface OutsideNames {
  party(orgId: string, readerId: string, party: Party): Promise<Party>;
  records(orgId: string, readerId: string, records: readonly CallRecord[]): Promise<CallRecord[]>;
}

/** A call is never held up for a name; longer, and its number is shown. In milliseconds. */
const namedWithinMs = 500;

/** @param contacts absent where nobody knows names: numbers are then shown as they are. */
export function createOutsideNames({
  contacts,
  log,
}: {
  contacts: Pick<Contacts, 'names'> | undefined;
  log: { warn(fields: Record<string, unknown>, message: string): void };
}): OutsideNames {
  async function named(
    orgId: string,
    readerId: string,
    parties: readonly Party[],
  ): Promise<(party: Party) => Party> {
    const numbers = parties.flatMap((party) => outsideNumber(party) ?? []);
    if (!contacts || numbers.length === 0) return (party) => party;
    try {
      const known = await contacts.names(orgId, readerId, numbers);
      return (party) => {
        const found = known.get(outsideNumber(party) ?? '');
        if (!found) return party;
        // The number stays where it can be called back.
        return {
          ...party,
          name: found.name,
          address: party.address ?? party.name,
          contactId: found.contactId,
        };
      };
    } catch (error) {
      log.warn({ err: error }, 'names of callers could not be asked for');
      return (party) => party;
    }
  }
  return {
    async party(orgId, readerId, party) {
      if (outsideNumber(party) === null) return party;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Party>((resolve) => {
        timer = setTimeout(() => resolve(party), namedWithinMs);
      });
      const asked = named(orgId, readerId, [party]).then((name) => name(party));
      return Promise.race([asked, late]).finally(() => clearTimeout(timer));
    },
    async records(orgId, readerId, records) {
      const name = await named(
        orgId,
        readerId,
        records.map(({ peer }) => peer),
      );
      return records.map((record) => ({ ...record, peer: name(record.peer) }));
    },
  };
}
