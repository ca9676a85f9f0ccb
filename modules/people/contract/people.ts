import type { Tx } from '@liaison/core/db';
import type { Organisation, Person, PersonSummary } from './person.ts';

/** Digest algorithms of SIP (RFC 8760 §2). */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** What a registrar needs to check a digest response, and whose telephone it then is. */
export interface SipCredentials {
  /** Hex of H(username:realm:secret) with the algorithm that was asked for (RFC 8760 §2.4, RFC 7616 §3.4.2). */
  readonly ha1: string;
  readonly orgId: string;
  readonly personId: string;
  readonly deviceId: string;
}

/** Where this server's registrar listens: the ports that are really bound, null for what is not there. */
export interface RegistrarPorts {
  readonly udpPort: number | null;
  readonly tcpPort: number | null;
  readonly tlsPort: number | null;
}

/**
 * What other modules may ask, inside their own transaction: they see the people of its organisation and nobody else.
 * Erased persons are not found; suspended ones are, with their status.
 */
export interface People {
  find(tx: Tx, personId: string): Promise<PersonSummary | null>;
  /** Missing ids are missing in the answer. At most 1,000. */
  findMany(tx: Tx, personIds: readonly string[]): Promise<Map<string, PersonSummary>>;
  /** The person's page with numbers and teams. */
  findWhole(tx: Tx, personId: string): Promise<Person | null>;
  /** `ines@example.org` in any case; an address that she had before does too. */
  byAddress(tx: Tx, address: string): Promise<PersonSummary | null>;
  byExtension(tx: Tx, extension: string): Promise<PersonSummary | null>;
  /** A number in E.164 (`+…`). Several people may share one (an office line): the first who had it. */
  byNumber(tx: Tx, e164: string): Promise<PersonSummary | null>;
  /**
   * Best first: exact extension or address, then names of which a word starts so (accents aside), then numbers, then
   * likely typing errors. Active and invited people only; at most 50.
   */
  search(tx: Tx, text: string, limit: number): Promise<PersonSummary[]>;
  /** The space of kind `personal` in which this person alone is a member; null for one who is not there. */
  personalSpace(tx: Tx, personId: string): Promise<string | null>;
  organisation(tx: Tx): Promise<Organisation>;
  /** The digest realm of the transaction's organisation, which is its SIP domain too. */
  realmOf(tx: Tx): Promise<string>;

  /** Across organisations: which one answers for a SIP realm or domain (any case); null for a stranger's. */
  organisationByRealm(realm: string): Promise<{ orgId: string; realm: string } | null>;
  /**
   * Across organisations: a device's credentials by its own username (each device has one of its own; the address of
   * record it registers is its person's). Null when there is no such device, it is revoked, or its person is suspended.
   */
  sipCredentials(query: {
    realm: string;
    /** With `isUserhash` its SHA-256 userhash in lower-case hex (RFC 7616 §3.4.4). */
    username: string;
    isUserhash?: boolean;
    algorithm: DigestAlgorithm;
  }): Promise<SipCredentials | null>;
  /** Devices that are not revoked, by their ids; missing ones are missing in the answer. At most 1,000. */
  devicesById(
    tx: Tx,
    deviceIds: readonly string[],
  ): Promise<Map<string, { readonly personId: string; readonly name: string }>>;
  /** Keeps when and from where a device registered last; cheap to repeat (written once a minute at most). */
  deviceSeen(device: { orgId: string; deviceId: string; address: string; userAgent: string }): Promise<void>;
}
