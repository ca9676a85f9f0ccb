import { codeOf, Trouble, useAction, useApi, useFormat, useSession } from '@liaison/core/web';
import {
  Actions,
  Button,
  PageBody,
  PageHeader,
  Progress,
  Refusal,
  Section,
  Select,
  Tag,
  TextInput,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  assignExtension,
  changeAddress,
  changeRole,
  getPerson,
  listPeople,
  type Person,
} from '../../contract/index.ts';
import { DeviceList } from '../settings/device-list.tsx';
import { ProfileForm } from '../settings/profile-form.tsx';
import { isAddress, isExtension } from '../shared/fields.ts';
import { useGo } from '../shared/go.ts';
import { mayAdminister, rolesOffered } from '../shared/roles.ts';
import classes from './admin.module.css';
import { AccountSections } from './person-account.tsx';

/** One person's account: role, extension, way in, telephones, profile; suspension and erasure. */
export function Page() {
  const { t } = useTranslation('people');
  const go = useGo();
  const { personId = '' } = useParams({ strict: false }) as { personId?: string };
  const person = useApi(getPerson, { params: { id: personId } });
  const me = useSession();
  const labels = useLabels();
  const now = person.data;
  return (
    <>
      <PageHeader
        title={now?.name ?? t('admin.people')}
        meta={now?.address ?? ''}
        onBack={() => go.to('/admin/people')}
        actions={
          now ? (
            <Button variant="default" href={`/people/${now.id}`}>
              {t('person.open')}
            </Button>
          ) : undefined
        }
      />
      <PageBody padded label={now?.name ?? t('admin.people')}>
        {person.error && codeOf(person.error) === 'not-found' ? (
          <Refusal
            title={t('person.missing')}
            actions={<Button href="/admin/people">{t('person.toAll')}</Button>}
          >
            {t('person.missingWhy')}
          </Refusal>
        ) : (
          <Trouble error={person.error} />
        )}
        {person.isPending ? <Progress bare label={labels.loading} /> : null}
        {now && !mayAdminister(me.role, now.role) ? (
          <Refusal
            title={t('admin.above', { name: now.name })}
            actions={<Button href="/admin/people">{t('person.toAll')}</Button>}
          >
            {t('admin.aboveWhy')}
          </Refusal>
        ) : now ? (
          <div key={now.id}>
            <Standing person={now} />
            <Address person={now} />
            <Extension person={now} />
            <AccountSections person={now} />
            <Section title={t('devices.title')} why={t('devices.whyOf')}>
              <DeviceList personId={now.id} own={now.id === me.personId} />
            </Section>
            <ProfileForm person={now} />
          </div>
        ) : null}
      </PageBody>
    </>
  );
}

function Standing({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const me = useSession();
  const format = useFormat();
  const toasts = useToasts();
  const change = useAction(changeRole, {
    invalidates: [[getPerson, { params: { id: person.id } }], listPeople],
    onDone: () => toasts.show({ text: t('saved') }),
  });
  const roles = me.role === 'owner' ? rolesOffered : rolesOffered.slice(0, 2);
  return (
    <Section title={t('column.role')} why={t('account.roleWhy')}>
      <Select
        label={t('account.roleIn', { organisation: me.orgName })}
        description={t(`role.${person.role}Hint`)}
        data={roles.map((each) => ({ value: each, label: t(`role.${each}`) }))}
        value={person.role}
        onChange={(role) =>
          role &&
          role !== person.role &&
          change.mutate({ params: { id: person.id }, body: { role: role as Person['role'] } })
        }
        allowDeselect={false}
      />
      {me.role === 'owner' ? null : <p className={classes.text}>{t('account.roleOwner')}</p>}
      <Trouble error={change.error} title={t('notSaved')} />
      {person.teams.length > 0 ? (
        <p className={classes.text}>
          {t('account.teams', { teams: format.list(person.teams.map((team) => team.name)) })}
        </p>
      ) : null}
      {person.status === 'active' ? null : (
        <p>
          <Tag tone={person.status === 'suspended' ? 'danger' : 'accent'}>{t(`status.${person.status}`)}</Tag>
        </p>
      )}
    </Section>
  );
}

/** The address that names the account, as after a marriage. The one before stays. */
function Address({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const [address, setAddress] = useState(person.address);
  const [checked, setChecked] = useState(false);
  const change = useAction(changeAddress, {
    invalidates: [[getPerson, { params: { id: person.id } }], listPeople],
    onDone: () => toasts.show({ text: t('saved') }),
  });
  const wrong = !isAddress(address);
  return (
    <Section
      title={t('field.address')}
      why={t('account.addressWhy')}
      onSubmit={() => {
        setChecked(true);
        if (!wrong) change.mutate({ params: { id: person.id }, body: { address } });
      }}
    >
      <TextInput
        label={t('field.address')}
        description={t('account.addressHint')}
        inputMode="email"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={254}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value.trim().toLowerCase())}
        error={checked && wrong ? t('field.addressWrong') : undefined}
      />
      <Trouble error={change.error} title={t('notSaved')} />
      <Actions>
        <Button type="submit" variant="default" size="md" loading={change.isPending}>
          {t('account.addressVerb')}
        </Button>
      </Actions>
    </Section>
  );
}

function Extension({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const [extension, setExtension] = useState(person.extension ?? '');
  const [checked, setChecked] = useState(false);
  const assign = useAction(assignExtension, {
    invalidates: [[getPerson, { params: { id: person.id } }], listPeople],
    onDone: () => toasts.show({ text: t('saved') }),
  });
  const wrong = extension !== '' && !isExtension(extension);
  return (
    <Section
      title={t('field.extension')}
      why={t('account.extensionWhy')}
      onSubmit={() => {
        setChecked(true);
        if (!wrong) assign.mutate({ params: { id: person.id }, body: { extension: extension || null } });
      }}
    >
      <TextInput
        label={t('field.extension')}
        description={t('field.extensionHint')}
        inputMode="numeric"
        maxLength={8}
        value={extension}
        onChange={(event) => setExtension(event.currentTarget.value.trim())}
        error={checked && wrong ? t('field.extensionWrong') : undefined}
      />
      <Trouble error={assign.error} title={t('notSaved')} />
      <Actions>
        <Button type="submit" variant="default" size="md" loading={assign.isPending}>
          {t('account.assign')}
        </Button>
      </Actions>
    </Section>
  );
}
