import { invalidate, Trouble, upload, useAction } from '@liaison/core/web';
import { Button, Face } from '@liaison/ui';
import { IconBuilding } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Contact, getContact, removeContactPhoto, setContactPhoto } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { photoOf } from '../go.ts';

/** The photo of a card, taken at once: the rest of the form goes on from the version that it makes. */
export function PhotoField({
  contact,
  onVersion,
}: {
  contact: Contact;
  onVersion: (contact: Contact) => void;
}) {
  const { t } = useTranslation('contacts');
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const args = { params: { contactId: contact.id } };
  const refresh = () => invalidate(client, [[getContact, args]]);
  const remove = useAction(removeContactPhoto, {
    onDone: () => {
      onVersion({ ...contact, photo: null, version: contact.version + 1 });
      void refresh();
    },
    onFailed: setError,
  });
  const send = async (file: File): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      onVersion(await upload(setContactPhoto, args, file));
      await refresh();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.photo}>
      <Face
        name={contact.name}
        id={contact.id}
        size={64}
        {...photoOf(contact)}
        {...(contact.kind === 'company' ? { square: true, icon: <IconBuilding size={26} /> } : {})}
      />
      <div className={classes.photoVerbs}>
        <Button variant="default" loading={isBusy} onClick={() => input.current?.click()}>
          {contact.photo ? t('photo.change') : t('photo.choose')}
        </Button>
        {contact.photo ? (
          <Button variant="subtle" loading={remove.isPending} onClick={() => remove.mutate(args)}>
            {t('photo.remove')}
          </Button>
        ) : null}
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label={t('photo.choose')}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) void send(file);
        }}
      />
      <Trouble error={error} />
    </div>
  );
}
