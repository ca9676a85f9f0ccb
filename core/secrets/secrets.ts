import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { addKey, type MasterKey, readKeys, readOrCreateKeys } from './key-file.ts';

/** A sealed value cannot be opened: another context, changed bytes, or a key that is gone. Says no more than that. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

export interface Secrets {
  /**
   * Seals with AES-256-GCM under the newest key. `context` says what the value is and whose
   * (`people.totp:<person id>`); it is not stored, and only the same context opens it, so that a value moved to
   * another row is worthless. The result is text of 66 characters and more, safe in a column or a URL.
   */
  seal(plaintext: string | Buffer, context: string): string;
  /** Opens what `seal` gave. Throws a `SealError`. */
  open(sealed: string, context: string): Buffer;
  /** `open` for text. */
  openText(sealed: string, context: string): string;
  /** Whether a value was sealed by an older key than the newest. */
  isStale(sealed: string): boolean;
  /** The same value under the newest key. */
  reseal(sealed: string, context: string): string;
  /**
   * 32 bytes for one purpose, by HKDF from the newest key: the same after every restart until a rotation. What must
   * survive a rotation checks against `deriveAll`.
   */
  derive(label: string): Buffer;
  /** The derived bytes of every key, newest first. */
  deriveAll(label: string): Buffer[];
  /**
   * Adds a key, which seals from now on; older ones still open. Other processes take it up with `refresh`, which
   * must happen before they are given something that the new key sealed.
   */
  rotate(): Promise<void>;
  /** Reads the key file again. */
  refresh(): Promise<void>;
  /** Names of the keys, oldest first. */
  keyIds(): string[];
}

const version = 'k1';
const maxSealedLength = 1_500_000;

/** Where the master keys of a data folder lie. */
export function masterKeyFile(dataFolder: string): string {
  return join(dataFolder, 'keys', 'master.key');
}

/** Opens the master keys of a data folder, made at the first start. Throws a `StartError` when they cannot be used. */
export async function openSecrets(options: { dataFolder: string }): Promise<Secrets> {
  const file = masterKeyFile(options.dataFolder);
  let keys = await readOrCreateKeys(file);
  const newest = () => keys.at(-1)!;
  /** A handful of labels, each named in code. */
  const derived = new Map<string, { of: MasterKey; bytes: Buffer }>();

  const secrets: Secrets = {
    seal(plaintext, context) {
      const key = newest();
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', purposeKey(key, 'seal'), iv).setAAD(
        associated(key.id, context),
      );
      const sealed = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${key.id}.${sealed.toString('base64url')}`;
    },
    open(sealed, context) {
      const { id, bytes } = parse(sealed);
      const key = keys.find((candidate) => candidate.id === id);
      if (key === undefined) throw new SealError('the key of this value is not in the key file');
      const decipher = createDecipheriv('aes-256-gcm', purposeKey(key, 'seal'), bytes.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAAD(associated(id, context)).setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      } catch {
        throw new SealError('the value was changed or belongs elsewhere');
      }
    },
    openText: (sealed, context) => secrets.open(sealed, context).toString('utf8'),
    isStale: (sealed) => parse(sealed).id !== newest().id,
    reseal: (sealed, context) => secrets.seal(secrets.open(sealed, context), context),
    derive(label) {
      // Asked for with every request that carries a cookie; the same until a rotation.
      const of = newest();
      const known = derived.get(label);
      if (known?.of === of) return Buffer.from(known.bytes);
      const bytes = purposeKey(of, `derive:${label}`);
      derived.set(label, { of, bytes });
      return Buffer.from(bytes);
    },
    deriveAll: (label) => keys.toReversed().map((key) => purposeKey(key, `derive:${label}`)),
    async rotate() {
      keys = await addKey(file);
    },
    async refresh() {
      keys = (await readKeys(file)) ?? keys;
    },
    keyIds: () => keys.map((key) => key.id),
  };
  return secrets;
}

/** What the database keeps of a random token: its SHA-256. Only for tokens of at least 128 random bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** A token that cannot be guessed: 43 characters safe in a URL, 256 random bits. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** One key per purpose, so that no two uses ever share a key and an initialisation vector. */
function purposeKey(key: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.bytes, '', `liaison/1/${purpose}`, 32));
}

function associated(keyId: string, context: string): Buffer {
  return Buffer.from(`${version}\0${keyId}\0${context}`);
}

function parse(sealed: string): { id: string; bytes: Buffer } {
  if (typeof sealed !== 'string' || sealed.length > maxSealedLength)
    throw new SealError('this is not a sealed value');
  const [, id = '', text = ''] = /^k1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/.exec(sealed) ?? [];
  const bytes = Buffer.from(text, 'base64url');
  if (id === '' || bytes.length < 28) throw new SealError('this is not a sealed value');
  return { id, bytes };
}
