import { api, invalidate, Trouble, useAction } from '@liaison/core/web';
import { SelectionBar, SelectionVerb, useToasts } from '@liaison/ui';
import { IconArrowsJoin, IconBook2, IconFileExport, IconTags, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Book,
  type ContactRow,
  deleteContacts,
  listContacts,
  listDuplicates,
  listLabels,
  moveContacts,
  restoreContacts,
  undoMerge,
} from '../../contract/index.ts';
import { ExportDialog } from './export-dialog.tsx';
import { GroupsDialog } from './groups-dialog.tsx';
import { MoveDialog } from './move-dialog.tsx';
import type { Selection } from './use-selection.ts';

const MergeDialog = lazy(() =>
  import('../merge/merge-dialog.tsx').then(({ MergeDialog: component }) => ({ default: component })),
);

/** As many as are compared side by side. */
const mostMerged = 10;
const undoMs = 20_000;

/** What is done with the chosen cards. Whoever may not write one of them may save them alone. */
export function SelectionVerbs({
  selection,
  rows,
  books,
}: {
  selection: Selection;
  rows: readonly ContactRow[];
  /** Those that the reader may write. */
  books: readonly Book[];
}) {
  const { t } = useTranslation('contacts');
  const client = useQueryClient();
  const toasts = useToasts();
  const [wanted, setDialog] = useState<'groups' | 'move' | 'merge' | 'export' | null>(null);
  const dialog = rows.length > 0 ? wanted : null;
  const stale = (): void => void invalidate(client, [listContacts, listLabels, listDuplicates]);
  const [undoError, setUndoError] = useState<Error | null>(null);
  /** Says what was done, and offers to take it back. */
  const done = (text: string, undo: () => Promise<unknown>): void => {
    setDialog(null);
    selection.end();
    stale();
    toasts.show({
      id: 'contacts-several',
      text,
      durationMs: undoMs,
      action: {
        label: t('undo'),
        onSelect: () =>
          void undo().then(stale, (error: Error) => {
            setUndoError(error);
            toasts.show({ id: 'contacts-several', text: t('several.notUndone') });
          }),
      },
    });
  };
  const contactIds = rows.map(({ id }) => id);
  const remove = useAction(deleteContacts, {
    onDone: () =>
      done(t('several.deleted', { count: rows.length }), () =>
        api(restoreContacts, { body: { contactIds } }),
      ),
  });
  const writable = new Set(books.map(({ id }) => id));
  const mayWrite = rows.every(({ bookId }) => writable.has(bookId));
  const mayMerge =
    mayWrite &&
    rows.length > 1 &&
    rows.length <= mostMerged &&
    new Set(rows.map(({ bookId, kind }) => `${bookId} ${kind}`)).size === 1;
  const close = (): void => setDialog(null);
  return (
    <>
      <Trouble error={remove.error ?? undoError} />
      {rows.length > 0 ? (
        <SelectionBar count={rows.length} onClear={selection.end}>
          {mayWrite ? (
            <SelectionVerb icon={<IconTags size={17} />} onClick={() => setDialog('groups')}>
              {t('several.groups')}
            </SelectionVerb>
          ) : null}
          {mayMerge ? (
            <SelectionVerb icon={<IconArrowsJoin size={17} />} onClick={() => setDialog('merge')}>
              {t('merge.verb')}
            </SelectionVerb>
          ) : null}
          {mayWrite && books.length > 1 ? (
            <SelectionVerb icon={<IconBook2 size={17} />} onClick={() => setDialog('move')}>
              {t('several.move')}
            </SelectionVerb>
          ) : null}
          <SelectionVerb icon={<IconFileExport size={17} />} onClick={() => setDialog('export')}>
            {t('several.export')}
          </SelectionVerb>
          {mayWrite ? (
            <SelectionVerb
              icon={<IconTrash size={17} />}
              onClick={() => {
                if (!remove.isPending) remove.mutate({ body: { contactIds } });
              }}
            >
              {t('delete')}
            </SelectionVerb>
          ) : null}
        </SelectionBar>
      ) : null}
      {dialog === 'groups' ? <GroupsDialog rows={rows} onClose={close} onDone={done} /> : null}
      {dialog === 'export' ? <ExportDialog contactIds={contactIds} onClose={close} /> : null}
      {dialog === 'move' ? (
        <MoveDialog
          contactIds={contactIds}
          books={books}
          onClose={close}
          onMoved={(name, moved) =>
            done(
              t('several.moved', {
                name,
                count: moved.reduce((sum, each) => sum + each.contactIds.length, 0),
              }),
              () => Promise.all(moved.map((body) => api(moveContacts, { body }))),
            )
          }
        />
      ) : null}
      {dialog === 'merge' ? (
        <Suspense fallback={null}>
          <MergeDialog
            rows={rows}
            onClose={close}
            onMerged={({ contact, mergeId }) =>
              done(t('merge.done', { name: contact.name }), () => api(undoMerge, { params: { mergeId } }))
            }
          />
        </Suspense>
      ) : null}
    </>
  );
}
