import calendar from '@liaison/calendar/web';
import calls from '@liaison/calls/web';
import chat from '@liaison/chat/web';
import contacts from '@liaison/contacts/web';
import type { WebModule } from '@liaison/core/web';
import files from '@liaison/files/web';
import notify from '@liaison/notify/web';
import people from '@liaison/people/web';
import reach from '@liaison/reach/web';
import search from '@liaison/search/web';
import sites from '@liaison/sites/web';

/** The modules of this suite, in the order of their providers: the outermost first. */
export const modules: readonly WebModule[] = [
  people,
  reach,
  chat,
  files,
  contacts,
  calendar,
  calls,
  search,
  notify,
  sites,
];
