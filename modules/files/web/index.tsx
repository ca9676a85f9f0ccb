import { callDossier } from '@liaison/calls';
import { defineModule, fill } from '@liaison/core/web';
import { personSections } from '@liaison/people';
import { IconFolder } from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { chooseFile } from '../contract/index.ts';
import { ChooseFile } from './choose-file.tsx';
import { FilesWith, SharedFiles } from './shared-files.tsx';
import { UploadsProvider } from './uploads/uploads-provider.tsx';

export default defineModule({
  name: 'files',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/files-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/files-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/files-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/files-nav.pt.json', { with: { type: 'json' } }),
  },
  nav: [{ path: '/files', icon: IconFolder, label: 'nav.files', group: 'keep', order: 60, keys: 'G F' }],
  publicRoutes: (root) => [
    createRoute({
      getParentRoute: () => root,
      path: '/l/$token',
      component: lazyRouteComponent(() => import('./visit/link-page.tsx'), 'LinkPage'),
    }),
  ],
  routes: (shell) => {
    // One page for all of it, so that the list of places stays where it was.
    const files = createRoute({
      getParentRoute: () => shell,
      path: '/files',
      component: lazyRouteComponent(() => import('./files-page.tsx'), 'FilesPage'),
    });
    return [
      files.addChildren([
        createRoute({ getParentRoute: () => files, path: '/' }),
        createRoute({ getParentRoute: () => files, path: 'starred' }),
        createRoute({ getParentRoute: () => files, path: 'shared' }),
        createRoute({ getParentRoute: () => files, path: 'links/$linksOf' }),
        createRoute({ getParentRoute: () => files, path: 'trash/$treeId' }),
        createRoute({ getParentRoute: () => files, path: 'from/$source' }),
        createRoute({ getParentRoute: () => files, path: 'from/$source/$part' }),
        createRoute({ getParentRoute: () => files, path: '$folderId' }),
      ]),
    ];
  },
  fills: [
    fill(chooseFile, { component: ChooseFile }),
    fill(callDossier, { order: 20, component: SharedFiles }),
    fill(personSections, { order: 15, component: FilesWith }),
  ],
  providers: [UploadsProvider],
});
