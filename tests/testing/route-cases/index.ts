import { calendarCases } from './calendar.ts';
import { callsCases } from './calls.ts';
import { chatCases } from './chat.ts';
import { contactsCases } from './contacts.ts';
import { filesCases } from './files.ts';
import { floorCases } from './floor.ts';
import { notifyCases } from './notify.ts';
import { peopleCases } from './people.ts';
import { reachCases } from './reach.ts';
import type { RouteCases } from './route-case.ts';
import { searchCases } from './search.ts';

export type { Input, Maker, RouteCase } from './route-case.ts';

/** Every route of the suite, by module. A route that is missing here fails the tests by name: say who may use it. */
export const routeCases: RouteCases = {
  ...peopleCases,
  ...reachCases,
  ...chatCases,
  ...calendarCases,
  ...filesCases,
  ...contactsCases,
  ...callsCases,
  ...notifyCases,
  ...searchCases,
  ...floorCases,
};
