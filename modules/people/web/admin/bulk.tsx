import { api, invalidate, useProblemText } from '@liaison/core/web';
import { Button, Dialog, ErrorNote, Progress, Select, useLabels } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  countPeople,
  type DirectoryRow,
  getPerson,
  listPeople,
  listTeamMembers,
  listTeams,
  restorePerson,
  setTeamMember,
  suspendPerson,
  type Team,
} from '../../contract/index.ts';
import classes from './admin.module.css';

interface Failure {
  readonly name: string;
  readonly why: string;
}

/** Does one thing to several people, one after the other, and keeps who it was refused for. */
function useEach(people: readonly DirectoryRow[]) {
  const client = useQueryClient();
  const problemText = useProblemText();
  const [done, setDone] = useState<number | null>(null);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const run = async (one: (person: DirectoryRow) => Promise<unknown>): Promise<boolean> => {
    const failed: Failure[] = [];
    setFailures([]);
    for (const [index, person] of people.entries()) {
      setDone(index);
      try {
        await one(person);
      } catch (error) {
        failed.push({ name: person.name, why: problemText(error).text });
      }
    }
    setDone(null);
    setFailures(failed);
    await invalidate(client, [listPeople, countPeople, getPerson, listTeams, listTeamMembers]);
    return failed.length === 0;
  };
  return { run, done, failures };
}

function Failures({ failures }: { failures: readonly Failure[] }) {
  const { t } = useTranslation('people');
  if (failures.length === 0) return null;
  return (
    <ErrorNote title={t('bulk.refused', { count: failures.length })}>
      <ul>
        {failures.slice(0, 20).map(({ name, why }) => (
          <li key={name}>
            {name}: {why}
          </li>
        ))}
      </ul>
    </ErrorNote>
  );
}

export function AddToTeam({
  people,
  teams,
  onClose,
}: {
  people: readonly DirectoryRow[];
  teams: readonly Team[];
  onClose: () => void;
}) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const [teamId, setTeamId] = useState<string | null>(null);
  const [checked, setChecked] = useState(false);
  const each = useEach(people);
  const add = async (): Promise<void> => {
    setChecked(true);
    if (!teamId) return;
    const all = await each.run((person) =>
      person.teams.some((team) => team.id === teamId)
        ? Promise.resolve()
        : api(setTeamMember, { params: { id: teamId, personId: person.id }, body: { role: 'member' } }),
    );
    if (all) onClose();
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('bulk.teamTitle', { count: people.length })}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button loading={each.done !== null} onClick={() => void add()}>
            {t('bulk.teamVerb')}
          </Button>
        </>
      }
    >
      <div className={classes.stack}>
        <Select
          label={t('column.team')}
          data={teams.map((team) => ({ value: team.id, label: team.name }))}
          value={teamId}
          onChange={setTeamId}
          searchable
          error={checked && !teamId ? t('bulk.teamMissing') : undefined}
          data-autofocus
        />
        {each.done !== null ? <Progress label={t('bulk.running')} value={each.done / people.length} /> : null}
        <Failures failures={each.failures} />
      </div>
    </Dialog>
  );
}

export function BulkStatus({
  people,
  to,
  onClose,
}: {
  people: readonly DirectoryRow[];
  to: 'suspend' | 'restore';
  onClose: (done: boolean) => void;
}) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const each = useEach(people);
  const run = async (): Promise<void> => {
    const route = to === 'suspend' ? suspendPerson : restorePerson;
    if (await each.run((person) => api(route, { params: { id: person.id } }))) onClose(true);
  };
  return (
    <Dialog
      opened
      onClose={() => onClose(false)}
      title={t(to === 'suspend' ? 'bulk.suspendTitle' : 'bulk.restoreTitle', { count: people.length })}
      footer={
        <>
          <Button variant="default" onClick={() => onClose(false)} data-autofocus>
            {labels.cancel}
          </Button>
          <Button
            variant={to === 'suspend' ? 'end' : 'filled'}
            loading={each.done !== null}
            onClick={() => void run()}
          >
            {t(to === 'suspend' ? 'bulk.suspend' : 'bulk.restore')}
          </Button>
        </>
      }
    >
      <div className={classes.stack}>
        <p className={classes.text}>{t(to === 'suspend' ? 'bulk.suspendWhy' : 'bulk.restoreWhy')}</p>
        {each.done !== null ? <Progress label={t('bulk.running')} value={each.done / people.length} /> : null}
        <Failures failures={each.failures} />
      </div>
    </Dialog>
  );
}
