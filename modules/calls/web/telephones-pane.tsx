import { useAction, useApi, useFormat, useProblemText, useSession, useSignal } from '@liaison/core/web';
import { listDevices } from '@liaison/people';
import { Button, ErrorNote, Heading, Link, Progress, Row, Rows, SidePane, Switch } from '@liaison/ui';
import { IconDeviceLandlinePhone } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  changeCallSettings,
  getCallSettings,
  listTelephones,
  sipSettings,
  telephonesChanged,
} from '../contract/index.ts';
import { FeatureCodes } from './feature-codes.tsx';
import { SoundDevices } from './sound-devices.tsx';
import { programOf } from './telephone-name.ts';
import classes from './telephones-pane.module.css';

/** What rings for me: telephones that are registered now, how to connect one, and this device's own sound. */
export function TelephonesPane() {
  const { t } = useTranslation('calls');
  return (
    <SidePane title={t('telephones.title')}>
      <div className={classes.pane}>
        <Registered />
        <Connect />
        <section className={classes.part}>
          <Heading>{t('devices.title')}</Heading>
          <SoundDevices />
          <Notices />
        </section>
        <CallWaiting />
        <FeatureCodes />
      </div>
    </SidePane>
  );
}

function Registered() {
  const { t } = useTranslation('calls');
  const problem = useProblemText();
  const format = useFormat();
  // A signal may be lost, and a registration that nobody renews ends in silence.
  const registered = useApi(listTelephones, {}, { everyMs: 30_000 });
  const devices = useApi(listDevices, {});
  useSignal(telephonesChanged, () => {
    void registered.refetch();
    void devices.refetch();
  });
  const nameOf = (deviceId: string): string | undefined =>
    devices.data?.devices.find(({ id }) => id === deviceId)?.name;
  return (
    <section className={classes.part}>
      <Heading>{t('telephones.now')}</Heading>
      {registered.isPending ? <Progress bare label={t('telephones.loading')} /> : null}
      {registered.isError ? <ErrorNote title={problem(registered.error).text} /> : null}
      {registered.data?.rows.length === 0 ? <p>{t('telephones.none')}</p> : null}
      {registered.data && registered.data.rows.length > 0 ? (
        <Rows label={t('telephones.now')}>
          {registered.data.rows.map((row) => (
            <Row
              key={`${row.deviceId}${row.address}`}
              face={<IconDeviceLandlinePhone size={20} />}
              name={nameOf(row.deviceId) ?? programOf(row.userAgent) ?? t('telephones.one')}
              second={programOf(row.userAgent) ?? row.address}
              meta={t('telephones.until', { time: format.time(row.expiresAt) })}
            />
          ))}
        </Rows>
      ) : null}
    </section>
  );
}

function Connect() {
  const { t } = useTranslation('calls');
  const session = useSession();
  const { data } = useApi(sipSettings);
  if (!data || (data.udpPort === null && data.tcpPort === null)) return null;
  const port = data.udpPort ?? data.tcpPort;
  return (
    <section className={classes.part}>
      <Heading>{t('telephones.connect')}</Heading>
      <p>{t('telephones.how')}</p>
      <dl className={classes.facts}>
        <dt>{t('telephones.server')}</dt>
        <dd>
          {data.host}:{port}
        </dd>
        <dt>{t('telephones.domain')}</dt>
        <dd>{data.domain}</dd>
        <dt>{t('telephones.transport')}</dt>
        <dd>
          {Object.entries({ UDP: data.udpPort, TCP: data.tcpPort, TLS: data.tlsPort })
            .filter(([, open]) => open !== null)
            .map(([protocol, open]) => (open === port ? protocol : `${protocol} ${open}`))
            .join(', ')}
        </dd>
        {session.extension ? (
          <>
            <dt>{t('telephones.extension')}</dt>
            <dd>{session.extension}</dd>
          </>
        ) : null}
      </dl>
      <Link href="/settings/devices" className={classes.link}>
        {t('telephones.manage')}
      </Link>
    </section>
  );
}

function CallWaiting() {
  const { t } = useTranslation('calls');
  const problem = useProblemText();
  const { data } = useApi(getCallSettings);
  const change = useAction(changeCallSettings, { invalidates: [getCallSettings] });
  if (!data) return null;
  return (
    <section className={classes.part}>
      <Heading>{t('waiting.title')}</Heading>
      <Switch
        label={t('waiting.choice')}
        description={t('waiting.otherwise')}
        checked={change.isPending ? change.variables.body.callWaiting : data.callWaiting}
        onChange={(event) => change.mutate({ body: { callWaiting: event.currentTarget.checked } })}
      />
      {change.isError ? <ErrorNote title={problem(change.error).text} /> : null}
    </section>
  );
}

function Notices() {
  const { t } = useTranslation('calls');
  const [permission, setPermission] = useState(() =>
    'Notification' in window ? Notification.permission : 'denied',
  );
  if (permission !== 'default') return null;
  return (
    <div className={classes.notices}>
      <p>{t('notice.why')}</p>
      <Button variant="default" onClick={() => void Notification.requestPermission().then(setPermission)}>
        {t('notice.allow')}
      </Button>
    </div>
  );
}
