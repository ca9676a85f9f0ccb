import { apiBase, createLiveClient } from '@liaison/core/web';
import { stillSignedIn } from './session-source.ts';

/** The page's one live socket; started by the gate, once somebody is signed in. */
export const live = createLiveClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${apiBase}/live`,
  stillSignedIn,
});
