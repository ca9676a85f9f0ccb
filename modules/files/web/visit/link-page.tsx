import {
  api,
  codeOf,
  type Language,
  languageNames,
  languages,
  routeUrl,
  useApi,
  useFormat,
} from '@liaison/core/web';
import { Button, Mark, PageLoading, PasswordInput, Row, Rows } from '@liaison/ui';
import { IconDownload, IconFileOff } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadLinked, listLinked, openLink, readLink, type VisitNode } from '../../contract/index.ts';
import { FileIcon } from '../list/file-icon.tsx';
import { save } from '../save.ts';
import { Trouble } from '../trouble.tsx';
import { DropBox } from './drop-box.tsx';
import classes from './link-page.module.css';

/** A link that is taken back while its page is open is gone within this. */
const everyMs = 4000;

/** What a stranger sees who has a link. Nothing here needs a session, and search engines are told to stay away. */
export function LinkPage() {
  const { t, i18n } = useTranslation('files');
  const { token } = useParams({ strict: false }) as { token: string };
  const [state, setState] = useState<'opening' | 'password' | 'open' | 'gone'>('opening');
  const [error, setError] = useState<unknown>(null);
  const open = async (password?: string): Promise<void> => {
    try {
      await api(openLink, { params: { token }, body: password === undefined ? {} : { password } });
      setError(null);
      setState('open');
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'files-link-password') setState('password');
      else if (code === 'not-found') setState('gone');
      else setError(thrown);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is opened once, and counted so
  useEffect(() => {
    const robots = document.createElement('meta');
    robots.name = 'robots';
    robots.content = 'noindex, nofollow';
    document.head.append(robots);
    void open();
    return () => robots.remove();
  }, [token]);
  return (
    <div className={classes.page}>
      <header className={classes.brand}>
        <Mark size={28} />
        <b>Liaison</b>
      </header>
      <main className={classes.main}>
        {state === 'opening' && error === null ? <PageLoading /> : null}
        {state === 'gone' ? <Gone /> : null}
        {state === 'password' ? <Password onGiven={open} /> : null}
        {state === 'open' ? <Linked token={token} onGone={() => setState('gone')} /> : null}
        <Trouble error={error} />
      </main>
      <nav className={classes.languages} aria-label={t('visit.language')}>
        {languages.map((language: Language) => (
          <button
            key={language}
            type="button"
            lang={language}
            aria-current={language === i18n.language ? 'true' : undefined}
            onClick={() => void i18n.changeLanguage(language)}
          >
            {languageNames[language]}
          </button>
        ))}
      </nav>
    </div>
  );
}

function Gone() {
  const { t } = useTranslation('files');
  return (
    <>
      <IconFileOff size={30} aria-hidden="true" />
      <h1>{t('visit.gone')}</h1>
      <p className={classes.lead}>{t('visit.goneWhy')}</p>
    </>
  );
}

function Password({ onGiven }: { onGiven: (password: string) => Promise<void> }) {
  const { t } = useTranslation('files');
  const [password, setPassword] = useState('');
  const [isSending, setSending] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    void onGiven(password).finally(() => setSending(false));
  };
  return (
    <>
      <h1>{t('visit.password')}</h1>
      <p className={classes.lead}>{t('visit.passwordWhy')}</p>
      <form className={classes.form} onSubmit={submit} noValidate>
        <PasswordInput
          label={t('link.password')}
          autoComplete="off"
          value={password}
          maxLength={200}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoFocus
        />
        <Button type="submit" loading={isSending} disabled={password === ''}>
          {t('visit.open')}
        </Button>
      </form>
    </>
  );
}

function Linked({ token, onGone }: { token: string; onGone: () => void }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const link = useApi(readLink, { params: { token } }, { staleMs: 0, everyMs });
  const [folderId, setFolderId] = useState<string | null>(null);
  const isGone = link.error !== null && codeOf(link.error) === 'not-found';
  useEffect(() => {
    if (isGone) onGone();
  }, [isGone, onGone]);
  if (!link.data) return isGone ? null : <Trouble error={link.error} />;
  const { node, mode, organisation, until } = link.data;
  const meta = [
    organisation === '' ? null : t('visit.from', { organisation }),
    node.kind === 'file' && mode === 'read' ? format.bytes(node.bytes) : null,
    until === null ? null : t('share.until', { when: format.dateTime(until) }),
  ].filter((each) => each !== null);
  return (
    <>
      <h1>{node.name}</h1>
      <p className={classes.lead}>{meta.join(' · ')}</p>
      {mode === 'upload' ? <DropBox token={token} /> : null}
      {mode === 'read' ? (
        <div>
          <Button
            onClick={() => save(routeUrl(downloadLinked, { params: { token, nodeId: folderId ?? node.id } }))}
            leftSection={<IconDownload size={17} />}
          >
            {t(node.kind === 'file' ? 'verb.download' : 'downloadAll')}
          </Button>
        </div>
      ) : null}
      {mode === 'read' && node.kind === 'folder' ? (
        <Folder key={folderId} token={token} folderId={folderId ?? node.id} onOpen={setFolderId} />
      ) : null}
    </>
  );
}

function Folder({
  token,
  folderId,
  onOpen,
}: {
  token: string;
  folderId: string;
  onOpen: (folderId: string) => void;
}) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const [before, setBefore] = useState<readonly VisitNode[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const page = useApi(
    listLinked,
    { params: { token, nodeId: folderId }, query: cursor === null ? {} : { cursor } },
    { staleMs: 0, keepLast: true },
  );
  const rows = [...before, ...(page.data?.rows ?? [])];
  const parent = page.data?.path.at(-1);
  const next = page.data?.next ?? null;
  return (
    <section className={classes.files} aria-label={t('title')}>
      {parent ? (
        <Button variant="subtle" onClick={() => onOpen(parent.id)}>
          {t('visit.up', { name: parent.name || t('visit.top') })}
        </Button>
      ) : null}
      <Trouble error={page.error} />
      {page.data?.rows.length === 0 && before.length === 0 ? (
        <p className={classes.lead}>{t('visit.empty')}</p>
      ) : null}
      <Rows label={t('title')}>
        {rows.map((node) => (
          <Row
            key={node.id}
            face={<FileIcon node={{ kind: node.kind, mediaType: '' }} />}
            name={node.name}
            second={[node.kind === 'file' ? format.bytes(node.bytes) : '', format.row(node.changedAt)]
              .filter(Boolean)
              .join(' · ')}
            {...(node.kind === 'folder' ? { onClick: () => onOpen(node.id) } : {})}
            action={
              <Button
                size="sm"
                variant="default"
                onClick={() => save(routeUrl(downloadLinked, { params: { token, nodeId: node.id } }))}
                aria-label={t('downloadName', { name: node.name })}
              >
                {t('verb.download')}
              </Button>
            }
          />
        ))}
      </Rows>
      {next !== null ? (
        <Button
          variant="default"
          onClick={() => {
            setBefore(rows);
            setCursor(next);
          }}
        >
          {t('trash.more')}
        </Button>
      ) : null}
    </section>
  );
}
