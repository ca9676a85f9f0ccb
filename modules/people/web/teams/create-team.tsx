import { Trouble, useAction } from '@liaison/core/web';
import { Button, Dialog, Radio, TextInput, useLabels } from '@liaison/ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createTeam, listTeams, type Team } from '../../contract/index.ts';
import classes from '../admin/admin.module.css';
import { useGo } from '../shared/go.ts';
import { useIsAdministrator } from '../shared/roles.ts';

/** Asks what a new team, or group, is called. `folder` is where it opens. */
export function CreateTeam({ folder, onClose }: { folder: string; onClose: () => void }) {
  const administrator = useIsAdministrator();
  const { t } = useTranslation('people');
  const labels = useLabels();
  const go = useGo();
  const form = useId();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Team['kind']>('team');
  const [checked, setChecked] = useState(false);
  const create = useAction(createTeam, {
    invalidates: [listTeams],
    onDone: (team) => go.to(`${folder}/${team.id}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() !== '') create.mutate({ body: { name, kind } });
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t(administrator ? 'team.create' : 'team.new')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={create.isPending}>
            {t('team.createVerb')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <TextInput
          label={t('field.name')}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
          data-autofocus
        />
        {/* Groups receive rights, which managers of the organisation give. */}
        {administrator ? (
          <div className={classes.stack} role="radiogroup" aria-label={t('column.kind')}>
            {(['team', 'group'] as const).map((each) => (
              <Radio
                key={each}
                name="kind"
                label={t(`team.${each}`)}
                description={t(`team.${each}Hint`)}
                checked={kind === each}
                onChange={() => setKind(each)}
              />
            ))}
          </div>
        ) : null}
        <Trouble error={create.error} title={t('notSaved')} />
      </form>
    </Dialog>
  );
}
