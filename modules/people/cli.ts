import { type Command, UsageError } from '@liaison/core/cli';
import { StartError } from '@liaison/core/config';
import { createDb } from '@liaison/core/db';
import { rolePassword } from '@liaison/core/floor';
import { createIds } from '@liaison/core/ids';
import { createToken, hashToken, openSecrets } from '@liaison/core/secrets';
import { createAcrossOrganisations } from './server/across-organisations.ts';

/**
 * A link for an owner who can sign in no more: the operator's way back in. It works like the one that another owner
 * could make, and ends her sessions and second factors when it is used.
 */
const recoverOwner: Command = {
  name: 'people-recover',
  usage: 'ADDRESS',
  summary:
    'Make a one-time link with which a person sets a new password, when nobody else can invite her again',
  async run({ settings, print, withDatabase }, args) {
    const [address, ...rest] = args;
    if (!address?.includes('@') || rest.length > 0) throw new UsageError('name one address');
    const secrets = await openSecrets({ dataFolder: settings.dataFolder });
    await withDatabase(async (url) => {
      const db = createDb({ url, password: rolePassword(secrets), poolSize: 2 });
      try {
        const token = createToken();
        const made = await createAcrossOrganisations(db).inviteAgain({
          invitationId: createIds({ site: settings.site.number }).next(),
          address: address.trim().toLowerCase(),
          tokenHash: hashToken(token),
        });
        if (!made) {
          throw new StartError({
            what: `nobody active has the address ${address}`,
            mend: 'look at its spelling',
          });
        }
        print(`${settings.publicUrl ?? `http://localhost:${settings.httpPort}`}/join#${token}`);
        print('It works once, for a day. Her sessions and second factors end when it is used.');
      } finally {
        await db.close();
      }
    });
  },
};

export const commands: Command[] = [recoverOwner];
