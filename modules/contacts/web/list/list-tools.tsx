import { useApi, useKeys } from '@liaison/core/web';
import { IconButton, Menu, Select, TextInput } from '@liaison/ui';
import { IconArrowsSort, IconCheck, IconPencil, IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Book, listLabels, sortings } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import type { Sorted } from '../state/use-sorting.ts';
import { RenameGroupDialog } from './rename-group-dialog.tsx';
import type { ListFilter } from './use-list-filter.ts';

/** Search, whose cards, which group, and in which order. */
export function ListTools({
  filter,
  sorting,
  books,
}: {
  filter: ListFilter;
  sorting: Sorted;
  books: readonly Book[];
}) {
  const { t } = useTranslation('contacts');
  const field = useRef<HTMLInputElement>(null);
  const bookId = books.some(({ id }) => id === filter.scope) ? filter.scope : undefined;
  const labels = useApi(listLabels, { query: bookId ? { bookId } : {} });
  useKeys([{ keys: '/', label: t('search'), group: t('title'), run: () => field.current?.focus() }]);
  const groups = labels.data?.rows ?? [];
  const [isRenaming, setRenaming] = useState(false);
  const mayRename = books.some(
    ({ id, right }) => (bookId ?? id) === id && (right === 'write' || right === 'manage'),
  );
  return (
    <div className={classes.tools}>
      <div className={classes.searchLine}>
        <TextInput
          ref={field}
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={17} />}
          value={filter.typed}
          onChange={(event) => filter.setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && filter.typed !== '') {
              event.stopPropagation();
              filter.setTyped('');
            }
          }}
          maxLength={100}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <IconButton aria-label={t('sort.title')}>
              <IconArrowsSort size={18} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('sort.title')}</Menu.Label>
            {sortings.map((by) => (
              <Menu.Item
                key={by}
                aria-current={sorting.by === by ? 'true' : undefined}
                leftSection={sorting.by === by ? <IconCheck size={16} /> : <span style={{ width: 16 }} />}
                onClick={() => sorting.choose(by)}
              >
                {t(`sort.${by}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={classes.filters}>
        <Select
          aria-label={t('scope.label')}
          data={[
            { value: 'all', label: t('scope.all') },
            { value: 'colleagues', label: t('scope.colleagues') },
            ...books.map((book) => ({ value: book.id, label: book.name || t('scope.own') })),
          ]}
          value={filter.scope}
          onChange={(scope) => {
            filter.setScope(scope ?? 'all');
            filter.setLabel(null);
          }}
          allowDeselect={false}
          searchable={books.length > 12}
        />
        {groups.length > 0 && filter.scope !== 'colleagues' ? (
          <Select
            aria-label={t('group')}
            placeholder={t('group')}
            data={groups.map(({ label, count }) => ({ value: label, label: `${label} (${count})` }))}
            value={filter.label}
            onChange={filter.setLabel}
            searchable={groups.length > 12}
            clearable
          />
        ) : null}
        {filter.label !== null && mayRename ? (
          <IconButton
            aria-label={t('groupName.title', { group: filter.label })}
            onClick={() => setRenaming(true)}
          >
            <IconPencil size={18} />
          </IconButton>
        ) : null}
      </div>
      {isRenaming && filter.label !== null ? (
        <RenameGroupDialog
          label={filter.label}
          bookId={bookId}
          onClose={() => setRenaming(false)}
          onRenamed={(label) => {
            setRenaming(false);
            filter.setLabel(label);
          }}
        />
      ) : null}
    </div>
  );
}
