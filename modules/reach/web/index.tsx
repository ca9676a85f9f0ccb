import { callDossier } from '@liaison/calls';
import { contactSections } from '@liaison/contacts';
import { defineModule, fill, liveText, myMenu, myState, numberText } from '@liaison/core/web';
import { personSections } from '@liaison/people';
import { lazy } from 'react';
import { IdleWatch } from './idle-watch.tsx';
import { CallerMentions, MentionsOfContact, MentionsOfPerson } from './mentions.tsx';
import { MyState } from './my-state.tsx';
import { HoldersFreshness } from './numbers/holders-freshness.tsx';
import { LiveNumbers } from './numbers/live-numbers.tsx';
import { ShownNumber } from './numbers/shown-number.tsx';
import { ReachProvider, usePersonReachability } from './reach-provider.tsx';

// Behind my face, and only when it is opened.
const MyMenu = lazy(() => import('./my-menu.tsx').then((file) => ({ default: file.MyMenu })));

export default defineModule({
  name: 'reach',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  providers: [ReachProvider],
  beside: [IdleWatch, HoldersFreshness],
  fills: [
    fill(myState, { component: MyState }),
    fill(myMenu, { order: 10, component: MyMenu }),
    fill(liveText, { component: LiveNumbers }),
    fill(numberText, { component: ShownNumber }),
    fill(callDossier, { order: 40, component: CallerMentions }),
    fill(personSections, { order: 40, component: MentionsOfPerson }),
    fill(contactSections, { order: 40, component: MentionsOfContact }),
  ],
  persons: { useReachability: usePersonReachability },
});
