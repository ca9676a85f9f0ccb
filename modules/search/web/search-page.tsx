import { useKeys, usePageTitle } from '@liaison/core/web';
import { PageBody, PageHeader, Panes, TextInput } from '@liaison/ui';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mostQueryCharacters } from '../contract/index.ts';
import { Filters } from './filters.tsx';
import { Results } from './results.tsx';
import classes from './search.module.css';
import { useSettled } from './use-settled.ts';

/** One box over everything. The question stands in the address; the filters write into the box. */
export function SearchPage() {
  const { t } = useTranslation('search');
  const { q = '' } = useSearch({ strict: false }) as { q?: string };
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const asked = useSettled(typed.trim(), 150);
  const field = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);
  /** What this page wrote into the address last: anything else there came from elsewhere. */
  const written = useRef(q);
  usePageTitle(asked === '' ? t('title') : t('titleOf', { q: asked }));
  useKeys([{ keys: '/', label: t('field'), group: t('title'), run: () => field.current?.focus() }]);

  useEffect(() => {
    if (asked === written.current) return;
    written.current = asked;
    void navigate({ to: '/search', search: (asked === '' ? {} : { q: asked }) as never, replace: true });
  }, [asked, navigate]);
  useEffect(() => {
    if (q === written.current) return;
    written.current = q;
    setTyped(q);
  }, [q]);

  /** The arrows go from the box through the results and back. */
  const onArrows = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const links = [...(results.current?.querySelectorAll<HTMLElement>('a[data-result]') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const isField = document.activeElement === field.current;
    if (at < 0 && !isField) return;
    const to = at + (event.key === 'ArrowDown' ? 1 : -1);
    const next = to < 0 ? field.current : links[to];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <Panes>
      <PageHeader title={t('title')} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move the focus among what takes it by itself */}
      <div className={classes.page} onKeyDown={onArrows}>
        <search className={classes.tools}>
          <TextInput
            ref={field}
            type="search"
            size="md"
            aria-label={t('field')}
            placeholder={t('field')}
            leftSection={<IconSearch size={19} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || typed === '') return;
              event.stopPropagation();
              setTyped('');
            }}
            maxLength={mostQueryCharacters}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            autoFocus
          />
          <Filters q={typed} onQuery={setTyped} />
        </search>
        <PageBody label={t('results')}>
          <div ref={results} className={classes.results}>
            <Results q={asked} isTyping={asked !== typed.trim()} onQuery={setTyped} />
          </div>
        </PageBody>
      </div>
    </Panes>
  );
}
