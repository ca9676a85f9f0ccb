import { Trouble, useAction } from '@liaison/core/web';
import { Button, Dialog, Radio, useLabels } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Book, moveContacts } from '../../contract/index.ts';
import classes from '../contacts.module.css';

/** Which book the chosen cards go to; who reads it sees them then. */
export function MoveDialog({
  contactIds,
  books,
  onClose,
  onMoved,
}: {
  contactIds: readonly string[];
  books: readonly Book[];
  onClose: () => void;
  onMoved: (name: string, moved: readonly { bookId: string; contactIds: string[] }[]) => void;
}) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  const [bookId, setBookId] = useState<string | null>(null);
  const nameOf = ({ name }: Book): string => name || t('scope.own');
  const move = useAction(moveContacts, {
    onDone: ({ moved }, { body }) => {
      const target = books.find(({ id }) => id === body.bookId);
      onMoved(target ? nameOf(target) : '', moved);
    },
  });
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('several.moveTitle')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button
            loading={move.isPending}
            disabled={bookId === null}
            onClick={() => bookId && move.mutate({ body: { bookId, contactIds: [...contactIds] } })}
          >
            {t('several.move')}
          </Button>
        </>
      }
    >
      <Radio.Group
        label={t('field.book')}
        description={t('field.bookHint')}
        value={bookId}
        onChange={setBookId}
      >
        <div className={classes.groupChoices}>
          {books.map((book) => (
            <Radio key={book.id} value={book.id} label={nameOf(book)} />
          ))}
        </div>
      </Radio.Group>
      <Trouble error={move.error} />
    </Dialog>
  );
}
