import type { Db } from '@liaison/core/db';
import type { Secrets } from '@liaison/core/secrets';
import { keepKeys, keptKeys } from '../across-organisations.ts';

/** The installation's key pair, as browsers and push services know it (RFC 8292): base64url of raw bytes. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const context = 'notify.vapid';

/**
 * Reads the pair, made once for the installation: browsers subscribe with it, so another one would lose all of them. Of two
 * processes that make one at the same moment the first one's counts.
 *
 * @throws SealError when it was sealed by a master key that is gone.
 */
export async function openVapidKeys(db: Db, secrets: Secrets, generate: () => VapidKeys): Promise<VapidKeys> {
  const there = await keptKeys(db);
  if (there) {
    return { publicKey: there.publicKey, privateKey: secrets.openText(there.sealedPrivateKey, context) };
  }
  const made = generate();
  await keepKeys(db, {
    publicKey: made.publicKey,
    sealedPrivateKey: secrets.seal(made.privateKey, context),
  });
  return openVapidKeys(db, secrets, generate);
}
