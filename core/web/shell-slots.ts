import type { Reachability } from '@liaison/ui';
import type { ReactNode } from 'react';
import { defineSlot } from './slot.tsx';

/** The line: one `Line` of the design system, mounted once and never unmounted by a change of page. Filled by calls. */
export const lineSeat = defineSlot('shell.line');

/** Under the line while it rings: calls `children` with a `Dossier`, or with null. Filled by calls. */
export const dossierSeat = defineSlot<{ children: (dossier: ReactNode) => ReactNode }>('shell.dossier');

/** Between the palette and my face in the top bar: what is new. Filled by notify; not drawn on telephones. */
export const bellSeat = defineSlot('shell.bell');

/** My own state, for the face in the top bar: calls `children` with it. Filled by reach. */
export const myState = defineSlot<{ children: (reach: Reachability | undefined) => ReactNode }>(
  'shell.my-state',
);

/** In the menu behind my face, and on telephones on the page of it: choosing my state. `done` closes the menu. */
export const myMenu = defineSlot<{ done: () => void }>('shell.my-menu');

/** Bands over the page while something is wrong with all of it: `Notice`s. */
export const shellNotices = defineSlot('shell.notices');
