import {
  isLanguage,
  languageNames,
  languages,
  Trouble,
  useAction,
  useApi,
  useRefreshSession,
  useSession,
} from '@liaison/core/web';
import {
  Actions,
  Button,
  Checkbox,
  PageBody,
  PageHeader,
  Progress,
  Section,
  Switch,
  TextInput,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeOrganisation, getOrganisation, type Organisation } from '../../contract/index.ts';
import { isDomain } from '../shared/fields.ts';
import { ZoneSelect } from '../shared/zone-select.tsx';
import classes from './admin.module.css';

/** The organisation: name, domain, languages, second factor. */
export function Page() {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const organisation = useApi(getOrganisation);
  return (
    <>
      <PageHeader title={t('admin.organisation')} meta={organisation.data?.name ?? ''} />
      <PageBody padded label={t('admin.organisation')}>
        <Trouble error={organisation.error} />
        {organisation.isPending ? <Progress bare label={labels.loading} /> : null}
        {organisation.data ? <OrganisationForm organisation={organisation.data} /> : null}
      </PageBody>
    </>
  );
}

function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation('people');
  const { role } = useSession();
  const owner = role === 'owner';
  const toasts = useToasts();
  const refreshSession = useRefreshSession();
  const [name, setName] = useState(organisation.name);
  const [domain, setDomain] = useState(organisation.domain);
  const [spoken, setSpoken] = useState(organisation.languages);
  const [timeZone, setTimeZone] = useState(organisation.timeZone);
  const [second, setSecond] = useState(organisation.requireSecondFactor);
  const [teamMakers, setTeamMakers] = useState(organisation.teamMakers);
  const [checked, setChecked] = useState(false);
  const save = useAction(changeOrganisation, {
    invalidates: [getOrganisation],
    onDone: () => {
      toasts.show({ id: 'organisation', text: t('saved') });
      void refreshSession().catch(() => {});
    },
  });
  const submit = (): void => {
    setChecked(true);
    if (name.trim() === '' || spoken.length === 0 || (owner && !isDomain(domain))) return;
    save.mutate({
      body: {
        name,
        languages: spoken,
        timeZone,
        teamMakers,
        // Others than owners may not even send what stays as it is.
        ...(owner ? { domain, requireSecondFactor: second } : {}),
      },
    });
  };
  const onlyOwners = owner ? '' : ` ${t('organisation.onlyOwners')}`;
  return (
    <Section title={t('organisation.title')} why={t('organisation.why')} onSubmit={submit}>
      <TextInput
        label={t('setup.name')}
        description={t('setup.nameHint')}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
      />
      <TextInput
        label={t('setup.domain')}
        description={`${t('organisation.domainHint')}${onlyOwners}`}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        value={domain}
        readOnly={!owner}
        onChange={(event) => setDomain(event.currentTarget.value)}
        error={checked && owner && !isDomain(domain) ? t('field.domainWrong') : undefined}
      />
      <TextInput
        label={t('organisation.realm')}
        description={t('organisation.realmHint')}
        value={organisation.realm}
        readOnly
      />
      <fieldset className={classes.languages}>
        <legend>{t('organisation.languages')}</legend>
        <small>{t('organisation.languagesHint', { language: languageNames[spoken[0] ?? 'en'] })}</small>
        {languages.map((language) => (
          <Checkbox
            key={language}
            label={languageNames[language]}
            checked={spoken.includes(language)}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              setSpoken((before) =>
                on ? [...before, language] : before.filter((each) => isLanguage(each) && each !== language),
              );
            }}
          />
        ))}
        {checked && spoken.length === 0 ? (
          <p className={classes.danger}>{t('organisation.languagesNone')}</p>
        ) : null}
      </fieldset>
      <ZoneSelect value={timeZone} onChange={setTimeZone} />
      <Switch
        label={t('organisation.teamMakers')}
        description={t('organisation.teamMakersHint')}
        checked={teamMakers === 'members'}
        onChange={(event) => setTeamMakers(event.currentTarget.checked ? 'members' : 'managers')}
      />
      <Switch
        label={t('organisation.second')}
        description={`${t('organisation.secondHint')}${onlyOwners}`}
        checked={second}
        disabled={!owner}
        onChange={(event) => setSecond(event.currentTarget.checked)}
      />
      <Trouble error={save.error} title={t('notSaved')} />
      <Actions>
        <Button type="submit" size="md" loading={save.isPending}>
          {t('save')}
        </Button>
      </Actions>
    </Section>
  );
}
