import type { Core } from '@liaison/core/floor';
import type { Guessing } from '@liaison/core/guessing';
import type { RegistrarPorts } from '../contract/index.ts';
import type { AcrossOrganisations } from './across-organisations.ts';
import type { Accounts } from './auth/accounts.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Library } from './auth/library.ts';
import type { SecondFactor } from './auth/second-factor.ts';
import type { SetupLinks } from './auth/setup-links.ts';

/** What the module is made of, handed to its routes and actions. */
export interface Parts {
  readonly core: Core;
  readonly across: AcrossOrganisations;
  readonly library: Library;
  readonly accounts: Accounts;
  readonly secondFactor: SecondFactor;
  readonly setupLinks: SetupLinks;
  readonly authenticator: Authenticator;
  readonly guessing: Guessing;
  /** Where telephones register in this process; null where nobody listens for them. */
  readonly registrar: () => RegistrarPorts | null;
}
