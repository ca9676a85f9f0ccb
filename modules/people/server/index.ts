import type { MigrationSource } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import { createGuessing } from '@liaison/core/guessing';
import type { PersonalData } from '@liaison/core/personal-data';
import type { People, RegistrarPorts } from '../contract/index.ts';
import { createAcrossOrganisations } from './across-organisations.ts';
import { createAccounts } from './auth/accounts.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { createLibrary } from './auth/library.ts';
import { createSecondFactor } from './auth/second-factor.ts';
import { createSetupLinks } from './auth/setup-links.ts';
import type { Parts } from './parts.ts';
import { createPeopleAnswers } from './people.ts';
import { createPersonalData } from './personal-data.ts';
import { registerPresenters } from './presenters.ts';
import { registerReactions } from './reactions.ts';
import { registerRoutes } from './routes.ts';

export { blobsNamed } from './blobs-named.ts';
export { content } from './content.ts';
export { createDemoPeople, type DemoPeople, type DemoPersonKey, type DemoTeam } from './demo.ts';
export { news } from './news.ts';

export const migrations: MigrationSource = {
  schema: 'people',
  folder: new URL('./migrations/', import.meta.url),
};

/** The module as the program composes it. */
export interface PeopleModule extends People {
  /** Every process that answers people needs it: brings the sign-in library's schema up and listens for revocations. */
  readonly service: Service;
  readonly personalData: PersonalData;
  /**
   * The token of the one-time link (`/setup#<token>`) that creates the first organisation, null when one is there. Each
   * call makes a new one, at the start of each process; the first one used ends all of them.
   */
  setupToken(): Promise<string | null>;
  /** For the operator's commands and the demo. */
  readonly parts: Parts;
}

/**
 * Organisations, persons, sign-in, teams, devices. Nothing connects before `service.start` or the first request.
 *
 * @param registrar where telephones register in this process, asked when somebody adds one; without it the settings say.
 */
export function createPeople({
  core,
  registrar = () => null,
}: {
  core: Core;
  registrar?: () => RegistrarPorts | null;
}): PeopleModule {
  const across = createAcrossOrganisations(core.db);
  const library = createLibrary({ core, across });
  const accounts = createAccounts(library);
  const authenticator = createAuthenticator({ core, library, across });
  const parts: Parts = {
    core,
    across,
    library,
    accounts,
    authenticator,
    registrar,
    secondFactor: createSecondFactor(library),
    setupLinks: createSetupLinks(library),
    guessing: createGuessing({ name: 'people', bus: core.bus }),
  };
  core.http.authenticateWith(async ({ headers }) => {
    const who = await authenticator.whoSends(headers);
    return who && !who.limited ? who.actor : null;
  });
  registerRoutes(parts);
  registerReactions(parts);
  registerPresenters(core);
  return {
    ...createPeopleAnswers(parts),
    parts,
    personalData: createPersonalData(parts),
    service: {
      name: 'people',
      async start() {
        authenticator.start();
        await library.migrate();
      },
      async stop() {
        authenticator.stop();
        await library.close();
      },
    },
    async setupToken() {
      if ((await across.countOrganisations()) > 0) return null;
      return parts.setupLinks.create();
    },
  };
}
