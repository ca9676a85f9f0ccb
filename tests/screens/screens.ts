import type { Page } from 'playwright-core';
import type { Looker, Organisation } from './organisations.ts';
import type { Caller } from './ringing.ts';

/** The word of a namespace as the page has it: `people:invite.open`. */
export type Words = (key: string) => string;

/** A page, dialog or drawer that is looked at. */
export interface Screen {
  /** Names the pictures. */
  readonly name: string;
  /** The route of the app that it shows, as the router has it. */
  readonly route: string;
  /** The address; nothing where this organisation has none. */
  readonly address: string | ((organisation: Organisation) => Promise<string | undefined>);
  /** The owner unless told. */
  readonly as?: Looker;
  /** The fresh installation before it is set up. */
  readonly beforeSetUp?: true;
  /** Only there: what a telephone does not have, or has as a page. */
  readonly only?: 'wide' | 'narrow';
  /** Who rings while it is looked at; it is not looked at where this organisation has nobody like that. */
  readonly rings?: (organisation: Organisation) => Promise<Caller | undefined>;
  /** What is done on it before it is looked at. */
  readonly act?: (page: Page, words: Words) => Promise<void>;
}

interface Named {
  readonly id: string;
}

/** `/people/<id>` of the first that a route lists. */
const of =
  (before: string, path: string, which?: (row: Named & Record<string, unknown>) => boolean) =>
  async ({ first }: Organisation): Promise<string | undefined> => {
    const found = await first<Named & Record<string, unknown>>(path, which);
    return found && before + found.id;
  };

/** A press on what carries a word of the page. */
const press =
  (key: string, role: 'button' | 'tab' | 'menuitem' | 'link' | 'radio' = 'button') =>
  async (page: Page, words: Words): Promise<void> => {
    const name = words(key);
    await page.getByRole(role, { name, exact: true }).filter({ visible: true }).first().click();
  };

const aFolder = async ({ first }: Organisation): Promise<string | undefined> => {
  const tree = await first<{ kind: string; rootId: string }>('/files/trees', ({ kind }) => kind === 'team');
  return tree && `/files/${tree.rootId}`;
};

const mine = async ({ first }: Organisation): Promise<{ id: string; rootId: string } | undefined> =>
  first<{ id: string; rootId: string; kind: string }>('/files/trees', ({ kind }) => kind === 'personal');

const aFile = async ({ first }: Organisation) => first<{ id: string; parentId: string }>('/files/starred');

async function aLink(organisation: Organisation): Promise<string | undefined> {
  const file = await aFile(organisation);
  if (!file) return undefined;
  const { path } = await organisation.ask<{ path: string }>('POST', `/files/nodes/${file.id}/links`, {
    mode: 'read',
  });
  return path;
}

const deadToken = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const noId = '01900000-0000-7000-8000-000000000000';

const people: readonly Screen[] = [
  { name: 'sign-in', route: '/sign-in', address: '/sign-in', as: 'nobody' },
  { name: 'sign-in-first', route: '/sign-in', address: '/sign-in', as: 'nobody', beforeSetUp: true },
  {
    name: 'setup',
    route: '/setup',
    address: async ({ setupToken }) => setupToken && `/setup#${setupToken}`,
    as: 'nobody',
    beforeSetUp: true,
  },
  { name: 'setup-over', route: '/setup', address: `/setup#${deadToken}`, as: 'nobody' },
  { name: 'join-dead', route: '/join', address: `/join#${deadToken}`, as: 'nobody' },
  {
    name: 'join',
    route: '/join',
    address: async ({ ask, first }) => {
      const address = 'lena.orvalho@estuaria.example';
      const known = await first<{ id: string; address: string }>(
        '/people?limit=100',
        (each) => each.address === address,
      );
      const { link } = known
        ? await ask<{ link: string }>('POST', `/people/${known.id}/invitation`)
        : await ask<{ link: string }>('POST', '/invitations', { name: 'Lena Orvalho', address });
      return `/join${new URL(link).hash}`;
    },
    as: 'nobody',
  },
  { name: 'welcome', route: '/welcome', address: '/welcome' },
  { name: 'people', route: '/people/', address: '/people' },
  {
    name: 'person',
    route: '/people/$personId',
    address: of('/people/', '/people?limit=100', ({ name }) => name !== 'Inês Carvalhal'),
  },
  {
    name: 'person-me',
    route: '/people/$personId',
    address: of('/people/', '/people?limit=100', ({ name }) => name === 'Inês Carvalhal'),
  },
  { name: 'person-missing', route: '/people/$personId', address: `/people/${noId}` },
  { name: 'teams', route: '/people/teams/', address: '/people/teams' },
  { name: 'team-new', route: '/people/teams/', address: '/people/teams', act: press('people:team.new') },
  {
    name: 'team',
    route: '/people/teams/$teamId',
    address: of('/people/teams/', '/teams', ({ myRole }) => myRole !== null),
  },
  { name: 'team-missing', route: '/people/teams/$teamId', address: `/people/teams/${noId}` },
  ...['profile', 'security', 'sessions', 'devices', 'appearance', 'data'].map((page) => ({
    name: `settings-${page}`,
    route: `/settings/${page}`,
    address: `/settings/${page}`,
  })),
  { name: 'settings', route: '/settings/', address: '/settings' },
  ...['notifications', 'working-hours'].map((page) => ({
    name: `settings-${page}`,
    route: '/settings/$',
    address: `/settings/${page}`,
  })),
  { name: 'settings-missing', route: '/settings/$', address: '/settings/nothing-here' },
  {
    name: 'device-new',
    route: '/settings/devices',
    address: '/settings/devices',
    act: press('people:devices.add'),
  },
];

const administration: readonly Screen[] = [
  { name: 'admin', route: '/admin/', address: '/admin' },
  { name: 'admin-menu', route: '/admin/menu', address: '/admin/menu', only: 'narrow' },
  { name: 'admin-refused', route: '/admin/people', address: '/admin/people', as: 'member' },
  ...['people', 'teams', 'invitations', 'import', 'organisation', 'log', 'parked'].map((page) => ({
    name: `admin-${page}`,
    route: `/admin/${page}`,
    address: `/admin/${page}`,
  })),
  { name: 'admin-invite', route: '/admin/people', address: '/admin/people?add=1' },
  {
    name: 'admin-person',
    route: '/admin/people/$personId',
    address: of('/admin/people/', '/people?limit=100'),
  },
  { name: 'admin-person-missing', route: '/admin/people/$personId', address: `/admin/people/${noId}` },
  { name: 'admin-team', route: '/admin/teams/$teamId', address: of('/admin/teams/', '/teams') },
  { name: 'admin-import-missing', route: '/admin/import/$importId', address: `/admin/import/${noId}` },
  ...['telephones', 'calls', 'captures', 'rooms', 'sites'].map((page) => ({
    name: `admin-${page}`,
    route: '/admin/$',
    address: `/admin/${page}`,
  })),
  { name: 'admin-missing', route: '/admin/$', address: '/admin/nothing-here' },
  { name: 'admin-call-missing', route: '/admin/$', address: `/admin/calls/${noId}` },
];

const talk: readonly Screen[] = [
  { name: 'phone', route: '/phone', address: '/phone' },
  { name: 'phone-recent', route: '/phone', address: '/phone?view=recent', only: 'narrow' },
  ...[
    {
      name: 'dossier',
      rings: async ({ first }: Organisation): Promise<Caller | undefined> => {
        const beatriz = await first<{ id: string; name: string; extension: string }>(
          '/people?limit=100',
          ({ name }) => name === 'Beatriz Monteverde',
        );
        return beatriz && { name: beatriz.name, personId: beatriz.id, extension: beatriz.extension };
      },
    },
    {
      name: 'dossier-card',
      rings: async ({ first }: Organisation): Promise<Caller | undefined> => {
        const card = await first<{ id: string; name: string; number: { e164: string | null } | null }>(
          '/contacts/cards?limit=100',
          ({ number }) => !!number?.e164,
        );
        return card && { name: card.name, address: card.number?.e164 ?? null, contactId: card.id };
      },
    },
    {
      name: 'dossier-unknown',
      rings: async (): Promise<Caller> => ({ name: '+44 1632 960999', address: '+441632960999' }),
    },
  ].map((ringing) => ({ ...ringing, route: '/phone', address: '/phone' })),
  { name: 'phone-telephones', route: '/phone', address: '/phone?view=telephones' },
  { name: 'chat', route: '/chat/', address: '/chat' },
  { name: 'chat-new', route: '/chat/', address: '/chat', act: press('chat:new.open') },
  {
    name: 'conversation',
    route: '/chat/$conversationId',
    address: of('/chat/', '/chat/conversations', ({ kind }) => kind === 'team'),
  },
  {
    name: 'conversation-direct',
    route: '/chat/$conversationId',
    address: of('/chat/', '/chat/conversations', ({ kind }) => kind === 'direct'),
  },
  ...(['members', 'search'] as const).map((side) => ({
    name: `conversation-${side}`,
    route: '/chat/$conversationId',
    address: async (organisation: Organisation) => {
      const address = await of('/chat/', '/chat/conversations', ({ kind }) => kind === 'team')(organisation);
      return address && `${address}?side=${side}`;
    },
  })),
  { name: 'conversation-missing', route: '/chat/$conversationId', address: `/chat/${noId}` },
  { name: 'news', route: '/news', address: '/news' },
  {
    name: 'news-panel',
    route: '/phone',
    address: '/phone',
    only: 'wide',
    act: (page) => page.locator('header button[aria-haspopup=dialog]').first().click(),
  },
  { name: 'digest-missing', route: '/news/$newsId', address: `/news/${noId}` },
];

const keep: readonly Screen[] = [
  ...(['day', 'week', 'month', 'agenda'] as const).map((view) => ({
    name: `calendar-${view}`,
    route: '/calendar',
    address: `/calendar?view=${view}`,
  })),
  { name: 'calendar-list', route: '/calendar', address: '/calendar?list=true', only: 'narrow' as const },
  { name: 'appointment-new', route: '/calendar', address: '/calendar', act: press('calendar:new') },
  { name: 'contacts', route: '/contacts/', address: '/contacts' },
  ...['new', 'import', 'duplicates', 'birthdays'].map((page) => ({
    name: `contacts-${page}`,
    route: `/contacts/${page}`,
    address: `/contacts/${page}`,
  })),
  { name: 'contact', route: '/contacts/$contactId', address: of('/contacts/', '/contacts/cards?limit=1') },
  { name: 'contact-missing', route: '/contacts/$contactId', address: `/contacts/${noId}` },
  { name: 'files', route: '/files/', address: '/files' },
  { name: 'files-starred', route: '/files/starred', address: '/files/starred' },
  { name: 'files-shared', route: '/files/shared', address: '/files/shared' },
  {
    name: 'files-links',
    route: '/files/links/$linksOf',
    address: async (organisation) => `/files/links/${(await mine(organisation))?.id}`,
  },
  {
    name: 'files-trash',
    route: '/files/trash/$treeId',
    address: async (organisation) => `/files/trash/${(await mine(organisation))?.id}`,
  },
  { name: 'files-from', route: '/files/from/$source', address: '/files/from/conversations' },
  {
    name: 'files-from-part',
    route: '/files/from/$source/$part',
    address: of('/files/from/conversations/', '/chat/conversations', ({ kind }) => kind === 'team'),
  },
  { name: 'folder', route: '/files/$folderId', address: aFolder },
  {
    name: 'folder-mine',
    route: '/files/$folderId',
    address: async (organisation) => `/files/${(await mine(organisation))?.rootId}`,
  },
  {
    name: 'folder-new',
    only: 'wide',
    route: '/files/$folderId',
    address: aFolder,
    act: press('files:create.open'),
  },
  { name: 'folder-missing', route: '/files/$folderId', address: `/files/${noId}` },
  {
    name: 'file',
    route: '/files/$folderId',
    address: async (organisation) => {
      const file = await aFile(organisation);
      return file && `/files/${file.parentId}?file=${file.id}`;
    },
  },
  { name: 'link', route: '/l/$token', address: aLink, as: 'nobody' },
  { name: 'link-dead', route: '/l/$token', address: `/l/${deadToken}`, as: 'nobody' },
];

const everywhere: readonly Screen[] = [
  { name: 'home', route: '/', address: '/' },
  { name: 'search', route: '/search', address: '/search' },
  { name: 'search-found', route: '/search', address: '/search?q=leixal' },
  { name: 'search-nothing', route: '/search', address: '/search?q=xyzzyq' },
  { name: 'find', route: '/find', address: '/find' },
  { name: 'me', route: '/me', address: '/me' },
  { name: 'missing', route: '/$', address: '/nothing-here' },
  {
    name: 'palette',
    route: '/phone',
    address: '/phone',
    only: 'wide',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('a');
    },
  },
  {
    name: 'keys',
    route: '/phone',
    address: '/phone',
    only: 'wide',
    act: (page) => page.keyboard.press('?'),
  },
  {
    name: 'my-menu',
    route: '/phone',
    address: '/phone',
    only: 'wide',
    act: (page) => page.locator('header button[aria-haspopup=dialog]').last().click(),
  },
];

/** Everything that is looked at; a test holds it against the routes of the app. */
export const screens: readonly Screen[] = [...people, ...administration, ...talk, ...keep, ...everywhere];
