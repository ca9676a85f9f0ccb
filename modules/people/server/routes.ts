import type { Parts } from './parts.ts';
import { registerDirectoryRoutes } from './routes/directory.ts';
import { registerInvitationRoutes } from './routes/invitations.ts';
import { registerLinkRoutes } from './routes/links.ts';
import { registerSessionRoutes } from './routes/session.ts';

/** Every route of the module: validate → access → action → present. */
export function registerRoutes(parts: Parts): void {
  registerSessionRoutes(parts);
  registerLinkRoutes(parts);
  registerDirectoryRoutes(parts);
  registerInvitationRoutes(parts);
}
