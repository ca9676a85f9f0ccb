import { type Session, Trouble, useAction, useApi } from '@liaison/core/web';
import { Button, Dialog, Pair, Select, TextInput, useLabels } from '@liaison/ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  countPeople,
  findFreeExtension,
  getOrganisation,
  invite,
  listInvitations,
  listPeople,
  type PersonSummary,
  type Team,
} from '../../contract/index.ts';
import { isAddress, isExtension, localPartOf } from '../shared/fields.ts';
import { rolesOffered } from '../shared/roles.ts';
import classes from './admin.module.css';
import { InvitationLink } from './invitation-link.tsx';

/** Somebody new: an invitation, whose link is shown to be sent along. */
export function InviteDialog({
  teams,
  mine,
  onClose,
}: {
  teams: readonly Team[];
  mine: Session['role'];
  onClose: () => void;
}) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const form = useId();
  const organisation = useApi(getOrganisation);
  const free = useApi(findFreeExtension, {}, { staleMs: 0 });
  const [name, setName] = useState('');
  const [typedAddress, setTypedAddress] = useState<string | null>(null);
  const [role, setRole] = useState<PersonSummary['role']>('member');
  const [typedExtension, setExtension] = useState<string | null>(null);
  const [teamId, setTeamId] = useState<string | null>(null);
  const [checked, setChecked] = useState(false);
  const send = useAction(invite, {
    invalidates: [listPeople, countPeople, listInvitations, findFreeExtension],
  });
  const domain = organisation.data?.domain ?? '';
  const local = localPartOf(name);
  const address = typedAddress ?? (local && domain ? `${local}@${domain}` : '');
  const extension = typedExtension ?? free.data?.extension ?? '';
  const roles = mine === 'owner' ? rolesOffered : rolesOffered.slice(0, 2);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() === '' || !isAddress(address) || (extension !== '' && !isExtension(extension))) return;
    send.mutate({
      body: {
        name,
        address,
        role,
        extension: extension || null,
        teamIds: teamId ? [teamId] : [],
      },
    });
  };
  if (send.data) {
    const { person } = send.data.invitation;
    return (
      <Dialog
        opened
        onClose={onClose}
        title={t('invite.done', { name: person.name })}
        footer={
          <>
            <Button
              variant="default"
              onClick={() => {
                send.reset();
                setName('');
                setTypedAddress(null);
                setExtension(null);
                setChecked(false);
              }}
            >
              {t('invite.another')}
            </Button>
            <Button onClick={onClose}>{t('invite.close')}</Button>
          </>
        }
      >
        <InvitationLink link={send.data} />
      </Dialog>
    );
  }
  return (
    <Dialog
      opened
      onClose={onClose}
      width={520}
      title={t('invite.verb')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form={form} loading={send.isPending}>
            {t('invite.make')}
          </Button>
        </>
      }
    >
      <form id={form} className={classes.stack} onSubmit={submit} noValidate>
        <p className={classes.text}>{t('invite.why')}</p>
        <TextInput
          label={t('field.name')}
          maxLength={120}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
          data-autofocus
        />
        <TextInput
          label={t('field.address')}
          description={domain ? t('invite.addressHint', { domain }) : undefined}
          type="email"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={254}
          value={address}
          onChange={(event) => setTypedAddress(event.currentTarget.value)}
          error={checked && !isAddress(address) ? t('field.addressWrong') : undefined}
        />
        <Pair>
          <Select
            label={t('column.role')}
            description={t(`role.${role}Hint`)}
            data={roles.map((each) => ({ value: each, label: t(`role.${each}`) }))}
            value={role}
            onChange={(value) => value && setRole(value as PersonSummary['role'])}
            allowDeselect={false}
          />
          <TextInput
            label={t('field.extension')}
            description={t('field.extensionHint')}
            inputMode="numeric"
            maxLength={8}
            value={extension}
            onChange={(event) => setExtension(event.currentTarget.value.trim())}
            error={
              checked && extension !== '' && !isExtension(extension) ? t('field.extensionWrong') : undefined
            }
          />
        </Pair>
        {teams.length > 0 ? (
          <Select
            label={t('column.team')}
            placeholder={t('invite.noTeam')}
            data={teams.map((team) => ({ value: team.id, label: team.name }))}
            value={teamId}
            onChange={setTeamId}
            searchable
            clearable
          />
        ) : null}
        <Trouble error={send.error} title={t('invite.failed')} />
      </form>
    </Dialog>
  );
}
