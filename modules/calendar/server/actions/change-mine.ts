import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Mine } from '../../contract/index.ts';
import { eventFor } from '../access.ts';
import { applyMine } from '../stored.ts';
import { type Needs, tellChanged } from './needs.ts';

/** What is one's own of an appointment; nobody else's copy changes. */
export async function changeMine(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  eventId: string,
  mine: Mine,
): Promise<void> {
  const event = await eventFor(tx, needs.spaces, actor, eventId, 'write');
  await tx.query(
    'update calendar.event set is_busy = $2, reminders = $3::integer[], colour = $4 where id = $1',
    [event.id, mine.isBusy, [...new Set(mine.reminders)].sort((a, b) => a - b), mine.colour],
  );
  await applyMine(tx, event.id);
  tellChanged(tx, needs, [{ spaceId: event.spaceId, calendarId: event.calendarId, eventId: event.id }]);
}
