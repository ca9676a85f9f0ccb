import { Trouble, upload, useAction, usePersonView } from '@liaison/core/web';
import { Button, Face } from '@liaison/ui';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getPerson, type Person, removePhoto, setPhoto } from '../../contract/index.ts';
import { photoOf } from '../shared/faces.ts';
import { PhotoCrop } from './photo-crop.tsx';
import classes from './settings.module.css';

/** A person's photo: chosen from this device, cut to a square, or taken away. */
export function PhotoField({ person, onChanged }: { person: Person; onChanged: () => void }) {
  const { t } = useTranslation('people');
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const photo = photoOf(person);
  const view = usePersonView(person.id, { name: person.name, ...(photo ? { photo } : {}) });
  const remove = useAction(removePhoto, {
    invalidates: [[getPerson, { params: { id: person.id } }]],
    onDone: onChanged,
    onFailed: setError,
  });
  const send = async (square: Blob): Promise<void> => {
    setChosen(null);
    setBusy(true);
    setError(null);
    try {
      await upload(setPhoto, { params: { id: person.id } }, square);
      onChanged();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className={classes.photo}>
        <Face name={person.name} id={person.id} photo={view?.photo} size={72} />
        <div className={classes.photoVerbs}>
          <Button variant="default" loading={busy} onClick={() => input.current?.click()}>
            {person.photo ? t('photo.change') : t('photo.choose')}
          </Button>
          {person.photo ? (
            <Button
              variant="subtle"
              loading={remove.isPending}
              onClick={() => remove.mutate({ params: { id: person.id } })}
            >
              {t('photo.remove')}
            </Button>
          ) : null}
          <small>{t('photo.hint')}</small>
        </div>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          aria-label={t('photo.choose')}
          onChange={(event) => {
            setChosen(event.currentTarget.files?.[0] ?? null);
            event.currentTarget.value = '';
          }}
        />
      </div>
      <Trouble error={error} title={t('photo.failed')} />
      {chosen ? (
        <PhotoCrop file={chosen} onDone={(square) => void send(square)} onCancel={() => setChosen(null)} />
      ) : null}
    </>
  );
}
