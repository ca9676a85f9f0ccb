import { useApi, usePageTitle } from '@liaison/core/web';
import { Button, Empty, IconButton, ListPane, PageHeader, Panes, SidePane } from '@liaison/ui';
import { IconUserPlus, IconUsersGroup } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { countPeople, getPerson } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { useIsAdministrator } from '../shared/roles.ts';
import { DirectoryList } from './directory-list.tsx';
import { DirectoryTools, useDirectoryFilter } from './directory-tools.tsx';
import { PersonFacts } from './person-facts.tsx';
import { PersonPage } from './person-page.tsx';

/** The directory, and beside it the person who is chosen. */
export function PeoplePage() {
  const { t } = useTranslation('people');
  const go = useGo();
  const { personId } = useParams({ strict: false }) as { personId?: string };
  const administrator = useIsAdministrator();
  const filter = useDirectoryFilter();
  const person = useApi(getPerson, personId ? { params: { id: personId } } : null);
  const counts = useApi(countPeople, {}, { enabled: administrator && !personId });
  const isAlone = counts.data !== undefined && counts.data.active <= 1;
  usePageTitle(personId ? person.data?.name : t('nav.people'));
  const shown = personId && person.data ? person.data : null;
  return (
    <Panes
      listWidth={304}
      sideWidth={340}
      view={personId ? 'page' : 'list'}
      onShowList={() => go.to('/people')}
      list={
        <ListPane
          title={t('nav.people')}
          actions={
            <>
              <IconButton aria-label={t('team.all')} href="/people/teams">
                <IconUsersGroup size={19} />
              </IconButton>
              {administrator ? (
                <IconButton aria-label={t('invite.open')} href="/admin/people?add=1">
                  <IconUserPlus size={19} />
                </IconButton>
              ) : null}
            </>
          }
          tools={<DirectoryTools filter={filter} />}
        >
          <DirectoryList filter={filter} selectedId={personId} />
        </ListPane>
      }
      side={
        shown ? (
          <SidePane title={t('person.facts')}>
            <PersonFacts person={shown} />
          </SidePane>
        ) : undefined
      }
    >
      {personId ? (
        <PersonPage key={personId} person={person} />
      ) : (
        <>
          <PageHeader title={t('nav.people')} />
          {isAlone ? (
            <Empty
              title={t('people.alone')}
              actions={<Button href="/admin/people?add=1">{t('invite.verb')}</Button>}
            >
              {t('people.aloneHow')}
            </Empty>
          ) : (
            <Empty title={t('people.choose')}>{t('people.chooseHow')}</Empty>
          )}
        </>
      )}
    </Panes>
  );
}
