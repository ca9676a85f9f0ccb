import { type Command, UsageError } from '@liaison/core/cli';
import { settingsMarkdown, settingsText } from '@liaison/core/config';

export const showSettings: Command = {
  name: 'settings',
  usage: '[--markdown]',
  summary: 'Show every setting, its value here and its meaning',
  async run({ env, print }, args) {
    if (args.length > 1 || (args[0] !== undefined && args[0] !== '--markdown'))
      throw new UsageError('that is not an option');
    print((args[0] === '--markdown' ? settingsMarkdown() : settingsText(env)).trimEnd());
  },
};
