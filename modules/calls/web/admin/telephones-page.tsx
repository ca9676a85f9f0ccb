import { useAction, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import {
  Button,
  ConfirmDialog,
  Dialog,
  Empty,
  IconButton,
  PageBody,
  PageHeader,
  Progress,
  Tag,
  TextInput,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconDots, IconRadar, IconSearch, IconTrash, IconWaveSine } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  askTelephone,
  dropRegistration,
  listRegistrations,
  listWatchedCalls,
  type RegisteredTelephone,
} from '../../contract/index.ts';
import { programOf } from '../telephone-name.ts';
import classes from './admin.module.css';
import { CaptureDialog } from './capture-dialog.tsx';
import { PersonCell } from './person-cell.tsx';
import { Trouble } from './trouble.tsx';
import { Windowed, WindowRow, windowSize } from './windowed.tsx';

/** How often what is on the screen is asked for again, in milliseconds. */
const everyMs = 5000;
const transport: Record<RegisteredTelephone['protocol'], string> = {
  udp: 'UDP',
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WebSocket',
  wss: 'WebSocket (TLS)',
};

/** Telephones that are registered now: who, where, since when, and what can be done about one. */
export default function TelephonesPage() {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const [shown, setShown] = useState<RegisteredTelephone | null>(null);
  usePageTitle(t('admin.telephones'));
  const query = (window: number) => ({
    offset: window * windowSize,
    limit: windowSize,
    ...(text ? { text } : {}),
  });
  const labels = useLabels();
  const first = useApi(listRegistrations, { query: query(0) }, { everyMs, keepLast: true, staleMs: 0 });
  const total = first.data?.total ?? 0;
  return (
    <>
      <PageHeader
        title={t('admin.telephones')}
        meta={first.data ? t('admin.registered', { count: total, shown: format.number(total) }) : ''}
      />
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          aria-label={t('admin.searchTelephones')}
          placeholder={t('admin.searchTelephones')}
          leftSection={<IconSearch size={17} />}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <PageBody label={t('admin.telephones')}>
        <Trouble error={first.error} />
        {first.isPending ? <Progress bare label={labels.loading} /> : null}
        {first.data && total === 0 ? (
          <Empty title={text ? t('admin.noneFound') : t('admin.noTelephones')}>
            {text ? null : t('admin.noTelephonesHow')}
          </Empty>
        ) : (
          <Windowed
            label={t('admin.telephones')}
            total={total}
            head={[
              t('column.person'),
              t('column.device'),
              t('column.address'),
              t('column.since'),
              t('column.expires'),
              t('column.answers'),
              t('column.verbs'),
            ]}
          >
            {(window) => <Rows window={window} query={query(window)} onShow={setShown} />}
          </Windowed>
        )}
      </PageBody>
      {shown ? <TelephoneDialog telephone={shown} onClose={() => setShown(null)} /> : null}
    </>
  );
}

function Rows({
  window,
  query,
  onShow,
}: {
  window: number;
  query: { offset: number; limit: number; text?: string };
  onShow: (telephone: RegisteredTelephone) => void;
}) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const { data } = useApi(listRegistrations, { query }, { everyMs, keepLast: true, staleMs: 0 });
  return (data?.rows ?? []).map((row, at) => {
    const who = row.personName ?? '…';
    return (
      <WindowRow
        key={`${row.deviceId} ${row.address}`}
        index={window * windowSize + at}
        cells={[
          <PersonCell key="person" personId={row.personId} name={row.personName} />,
          <span key="device">
            {row.deviceName ?? programOf(row.userAgent) ?? t('admin.unknownDevice')}{' '}
            <small>{row.deviceName ? (programOf(row.userAgent) ?? '') : ''}</small>
          </span>,
          <span key="address">
            {row.address}
            <small>
              {transport[row.protocol]}
              {row.claimedAddress ? ` · ${t('admin.nat')}` : ''}
            </small>
          </span>,
          format.row(row.registeredAt),
          <span key="expires" data-late={row.process?.alive === false || undefined}>
            {format.time(row.expiresAt)}
            {row.process?.alive === false ? <small>{t('admin.processGone')}</small> : null}
          </span>,
          row.roundTrip === null
            ? ''
            : row.roundTrip.ms === null
              ? t('admin.silent')
              : t('admin.ms', { ms: format.number(row.roundTrip.ms) }),
          <IconButton
            key="verbs"
            aria-label={t('admin.openTelephone', { name: who, device: row.deviceName ?? row.address })}
            onClick={() => onShow(row)}
          >
            <IconDots size={18} />
          </IconButton>,
        ]}
      />
    );
  });
}

function TelephoneDialog({ telephone, onClose }: { telephone: RegisteredTelephone; onClose: () => void }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const toasts = useToasts();
  const [dropping, setDropping] = useState(false);
  const [capturing, setCapturing] = useState(false);
  const body = { deviceId: telephone.deviceId };
  const ask = useAction(askTelephone, { invalidates: [listRegistrations] });
  const drop = useAction(dropRegistration, {
    invalidates: [listRegistrations],
    onDone: () => {
      toasts.show({ text: t('admin.dropped') });
      onClose();
    },
    onFailed: () => setDropping(false),
  });
  const { process, roundTrip } = telephone;
  const last = useApi(listWatchedCalls, { query: { only: 'all', personId: telephone.personId, limit: 10 } });
  const scores = (last.data?.rows ?? []).map(({ caller, scores: each }) =>
    caller.personId === telephone.personId ? each.caller : each.callee,
  );
  const score = scores.find((each) => each !== null);
  const answered = ask.data ?? (roundTrip && { roundTripMs: roundTrip.ms, status: null });
  const facts: [string, string | null][] = [
    [t('column.device'), telephone.deviceName],
    [t('admin.userAgent'), telephone.userAgent],
    [t('admin.transport'), transport[telephone.protocol]],
    [t('column.address'), telephone.address],
    [
      t('admin.natTitle'),
      telephone.claimedAddress ? t('admin.natYes', { address: telephone.claimedAddress }) : t('admin.natNo'),
    ],
    [
      t('admin.process'),
      process
        ? `${process.host} (${process.pid})${process.alive ? '' : ` · ${t('admin.processGone')}`}`
        : t('admin.processUnknown'),
    ],
    [t('column.since'), format.dateTime(telephone.registeredAt)],
    [t('column.expires'), format.dateTime(telephone.expiresAt)],
    [
      t('column.answers'),
      answered
        ? answered.roundTripMs === null
          ? t('admin.silent')
          : t('admin.ms', { ms: format.number(answered.roundTripMs) })
        : t('admin.notAsked'),
    ],
    [
      t('admin.lastQuality'),
      score == null ? null : t('leg.score', { score: format.number(Math.round(score * 10) / 10) }),
    ],
  ];
  if (capturing) {
    return (
      <CaptureDialog target={{ targetKind: 'device', targetId: telephone.deviceId }} onClose={onClose} />
    );
  }
  return (
    <>
      <Dialog
        opened={!dropping}
        onClose={onClose}
        width={560}
        title={t('admin.telephoneOf', { name: telephone.personName ?? '…' })}
        footer={
          <>
            <Button variant="default" leftSection={<IconTrash size={17} />} onClick={() => setDropping(true)}>
              {t('admin.drop')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconRadar size={17} />}
              onClick={() => setCapturing(true)}
            >
              {t('capture.verb')}
            </Button>
            <Button
              leftSection={<IconWaveSine size={17} />}
              loading={ask.isPending}
              onClick={() => ask.mutate({ body })}
            >
              {t('admin.ask')}
            </Button>
          </>
        }
      >
        <Trouble error={ask.error ?? drop.error} />
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? '–'}</dd>
            </div>
          ))}
        </dl>
        <div role="status">
          {ask.data ? (
            <Tag tone={ask.data.roundTripMs === null ? 'danger' : 'free'}>
              {ask.data.roundTripMs === null
                ? t('admin.silentWhy')
                : t('admin.answeredIn', { ms: format.number(ask.data.roundTripMs), status: ask.data.status })}
            </Tag>
          ) : null}
        </div>
      </Dialog>
      <ConfirmDialog
        opened={dropping}
        title={t('admin.dropTitle')}
        verb={t('admin.drop')}
        danger
        busy={drop.isPending}
        onConfirm={() => drop.mutate({ body })}
        onCancel={() => setDropping(false)}
      >
        {t('admin.dropWhat')}
      </ConfirmDialog>
    </>
  );
}
