import { TeamPage } from '../teams/team-page.tsx';

/** A team as the administration opens it. */
export const Page = () => <TeamPage backTo="/admin/teams" />;
