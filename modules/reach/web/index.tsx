import { defineModule, fill, myMenu, myState } from '@liaison/core/web';
import { lazy } from 'react';
import { IdleWatch } from './idle-watch.tsx';
import { MyState } from './my-state.tsx';
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
  beside: [IdleWatch],
  fills: [fill(myState, { component: MyState }), fill(myMenu, { order: 10, component: MyMenu })],
  persons: { useReachability: usePersonReachability },
});
