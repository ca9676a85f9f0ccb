import type { SlotDefinition } from '@liaison/core/web';

/**
 * An appointment's meeting room and its number: who gives rooms fills it. `meetingId` is the same for everybody invited.
 */
export const appointmentMeeting: SlotDefinition<{
  meetingId: string;
  eventId: string;
  title: string;
  startsAt: string;
  canChange: boolean;
}> = { name: 'calendar.appointment-meeting' };
