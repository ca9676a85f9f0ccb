import type { Parts } from './parts.ts';
import { registerAdministrationRoutes } from './routes/administration.ts';
import { registerDeviceRoutes } from './routes/devices.ts';
import { registerDirectoryRoutes } from './routes/directory.ts';
import { registerImportRoutes } from './routes/import.ts';
import { registerInvitationRoutes } from './routes/invitations.ts';
import { registerLinkRoutes } from './routes/links.ts';
import { registerProfileRoutes } from './routes/profile.ts';
import { registerSecurityRoutes } from './routes/security.ts';
import { registerSessionRoutes } from './routes/session.ts';
import { registerSessionListRoutes } from './routes/sessions.ts';
import { registerTeamRoutes } from './routes/teams.ts';

/** Every route of the module: validate → access → action → present. */
export function registerRoutes(parts: Parts): void {
  registerSessionRoutes(parts);
  registerLinkRoutes(parts);
  registerSecurityRoutes(parts);
  registerDirectoryRoutes(parts);
  registerProfileRoutes(parts);
  registerInvitationRoutes(parts);
  registerImportRoutes(parts);
  registerAdministrationRoutes(parts);
  registerTeamRoutes(parts);
  registerSessionListRoutes(parts);
  registerDeviceRoutes(parts);
}
