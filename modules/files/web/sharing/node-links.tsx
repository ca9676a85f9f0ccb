import { api, routeKey, useApi } from '@liaison/core/web';
import { Button, NativeSelect, PasswordInput, Progress, SectionTitle, TextInput } from '@liaison/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createLink, listNodeLinks, listReaders } from '../../contract/index.ts';
import classes from '../files.module.css';
import { Trouble } from '../trouble.tsx';
import { endOfDay } from './end-of-day.ts';
import { LinkRows } from './link-rows.tsx';

/** The links of a file or folder, and the way to another one. */
export function NodeLinks({
  node,
  onChange,
}: {
  node: { readonly id: string; readonly kind: 'file' | 'folder' };
  onChange: () => void;
}) {
  const { t } = useTranslation('files');
  const queries = useQueryClient();
  const links = useApi(listNodeLinks, { params: { nodeId: node.id } }, { staleMs: 0 });
  const [isMaking, setMaking] = useState(false);
  const changed = (): void => {
    void queries.invalidateQueries({ queryKey: routeKey(listNodeLinks) });
    onChange();
  };
  return (
    <>
      <SectionTitle>{t('link.title')}</SectionTitle>
      <Trouble error={links.error} />
      {links.isPending ? <Progress bare label={t('loading')} /> : null}
      {links.data?.rows.length === 0 && !isMaking ? <p className={classes.quiet}>{t('link.none')}</p> : null}
      {links.data ? <LinkRows links={links.data.rows} onChange={changed} /> : null}
      {isMaking ? (
        <NewLink
          node={node}
          onDone={() => {
            setMaking(false);
            changed();
          }}
        />
      ) : (
        <div>
          <Button variant="default" onClick={() => setMaking(true)}>
            {t('link.new')}
          </Button>
        </div>
      )}
    </>
  );
}

function NewLink({
  node,
  onDone,
}: {
  node: { readonly id: string; readonly kind: 'file' | 'folder' };
  onDone: () => void;
}) {
  const { t } = useTranslation('files');
  const queries = useQueryClient();
  const [mode, setMode] = useState<'read' | 'upload'>('read');
  const [password, setPassword] = useState('');
  const [until, setUntil] = useState('');
  const [most, setMost] = useState('');
  const make = useMutation({
    mutationFn: () =>
      api(createLink, {
        params: { nodeId: node.id },
        body: {
          mode,
          password: password === '' ? null : password,
          until: endOfDay(until),
          mostDownloads: mode === 'read' && /^\d+$/.test(most) ? Number(most) : null,
        },
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: routeKey(listReaders) });
      onDone();
    },
  });
  const isShort = password !== '' && password.length < 6;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isShort) make.mutate();
  };
  return (
    <form className={classes.stack} onSubmit={submit} noValidate>
      {node.kind === 'folder' ? (
        <NativeSelect
          label={t('link.mode')}
          value={mode}
          onChange={(value) => setMode(value as 'read' | 'upload')}
          options={(['read', 'upload'] as const).map((each) => ({
            value: each,
            label: t(`link.may.${each}`),
          }))}
        />
      ) : null}
      <PasswordInput
        label={t('link.password')}
        autoComplete="new-password"
        value={password}
        maxLength={200}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={isShort ? t('link.passwordShort') : undefined}
      />
      <div className={classes.pair}>
        <TextInput
          type="date"
          label={t('share.untilDay')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        {mode === 'read' ? (
          <TextInput
            label={t('link.most')}
            inputMode="numeric"
            maxLength={6}
            value={most}
            onChange={(event) => setMost(event.currentTarget.value.replace(/\D/g, ''))}
          />
        ) : null}
      </div>
      <Trouble error={make.error} />
      <div>
        <Button type="submit" loading={make.isPending}>
          {t('link.make')}
        </Button>
      </div>
    </form>
  );
}
