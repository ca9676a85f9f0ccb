import { content as calendarContent } from '@liaison/calendar/server';
import { content as callsContent } from '@liaison/calls/server';
import { content as chatContent } from '@liaison/chat/server';
import { content as contactsContent } from '@liaison/contacts/server';
import type { ContentSource } from '@liaison/core/content';
import { content as filesContent } from '@liaison/files/server';
import { content as peopleContent } from '@liaison/people/server';

/** Everything that the modules hold, kind by kind, for whoever looks through all of it: one line for each module. */
export const contentSources: readonly ContentSource[] = [
  ...peopleContent,
  ...chatContent,
  ...filesContent,
  ...contactsContent,
  ...calendarContent,
  ...callsContent,
];
