import { invalidate, Trouble, useAction, useRefreshSession, useSession } from '@liaison/core/web';
import { Actions, Button, Pair, Section, Textarea, TextInput, useToasts } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeProfile, getPerson, listPeople, type Person } from '../../contract/index.ts';
import { refreshFaces } from '../shared/faces.ts';
import { LanguageSelect } from '../shared/language-select.tsx';
import { ZoneSelect } from '../shared/zone-select.tsx';
import { NumbersField, type TypedNumber } from './numbers-field.tsx';
import { PhotoField } from './photo-field.tsx';
import { SpeaksField } from './speaks-field.tsx';

/** A profile to change: one's own, or that of somebody whom one administers. */
export function ProfileForm({ person }: { person: Person }) {
  const { t, i18n } = useTranslation('people');
  const client = useQueryClient();
  const toasts = useToasts();
  const session = useSession();
  const refreshSession = useRefreshSession();
  const own = session.personId === person.id;
  const [name, setName] = useState(person.name);
  const [title, setTitle] = useState(person.title ?? '');
  const [office, setOffice] = useState(person.office ?? '');
  const [bio, setBio] = useState(person.bio ?? '');
  const [timeZone, setTimeZone] = useState(person.timeZone);
  const [language, setLanguage] = useState(person.language);
  const [speaks, setSpeaks] = useState<readonly string[]>(person.speaks);
  const [numbers, setNumbers] = useState<readonly TypedNumber[]>(() =>
    person.numbers.map(({ e164, label }, index) => ({ key: index, number: e164, label })),
  );
  const changed = (): void => {
    void invalidate(client, [[getPerson, { params: { id: person.id } }], listPeople]);
    refreshFaces(client, [person.id]);
    if (own) void refreshSession().catch(() => {});
  };
  const save = useAction(changeProfile, {
    onDone: (saved) => {
      // Numbers come back as they are kept, in E.164.
      setNumbers(saved.numbers.map(({ e164, label }, index) => ({ key: index, number: e164, label })));
      if (own) void i18n.changeLanguage(saved.language);
      changed();
      toasts.show({ id: 'profile', text: t('saved') });
    },
  });
  const [checked, setChecked] = useState(false);
  const submit = (): void => {
    setChecked(true);
    if (name.trim() === '') return;
    save.mutate({
      params: { id: person.id },
      body: {
        name,
        title,
        office,
        bio,
        timeZone,
        language,
        speaks: [...speaks],
        numbers: numbers
          .filter(({ number }) => number.trim() !== '')
          .map(({ number, label }) => ({ number, label })),
      },
    });
  };
  return (
    <>
      <Section title={t('photo.title')} why={t('photo.why')}>
        <PhotoField person={person} onChanged={changed} />
      </Section>
      <Section title={own ? t('profile.you') : t('profile.them')} why={t('profile.youWhy')} onSubmit={submit}>
        <TextInput
          label={t('field.name')}
          autoComplete={own ? 'name' : 'off'}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={checked && name.trim() === '' ? t('field.nameMissing') : undefined}
        />
        <Pair>
          <TextInput
            label={t('field.title')}
            placeholder={t('field.titleExample')}
            maxLength={120}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <TextInput
            label={t('field.office')}
            placeholder={t('field.officeExample')}
            maxLength={120}
            value={office}
            onChange={(event) => setOffice(event.currentTarget.value)}
          />
        </Pair>
        <Textarea
          label={t('field.bio')}
          description={t('field.bioHint')}
          autosize={false}
          rows={3}
          maxLength={1000}
          value={bio}
          onChange={(event) => setBio(event.currentTarget.value)}
        />
        <NumbersField numbers={numbers} onChange={setNumbers} />
        <Pair>
          <LanguageSelect value={language} onChange={setLanguage} description={t('field.languageHint')} />
          <ZoneSelect value={timeZone} onChange={setTimeZone} />
        </Pair>
        <SpeaksField tags={speaks} onChange={setSpeaks} />
        <Trouble error={save.error} title={t('notSaved')} />
        <Actions>
          <Button type="submit" size="md" loading={save.isPending}>
            {t('save')}
          </Button>
        </Actions>
      </Section>
    </>
  );
}
