import { type Command, UsageError } from '@liaison/core/cli';
import { openSecrets } from '@liaison/core/secrets';

export const rotateKey: Command = {
  name: 'rotate-key',
  usage: '',
  summary: 'Add a master key that seals from the next start; what is sealed already still opens',
  async run({ settings, print }, args) {
    if (args.length > 0) throw new UsageError('it takes no arguments');
    const secrets = await openSecrets({ dataFolder: settings.dataFolder });
    await secrets.rotate();
    print(
      `There are now ${secrets.keyIds().length} keys, the newest is ${secrets.keyIds().at(-1)}. Restart the server, and make a backup.`,
    );
  },
};
