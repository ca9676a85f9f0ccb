import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { Provisioning } from '../../contract/index.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { SecretLine } from '../shared/secret-line.tsx';
import { QrCode } from './qr-code.tsx';
import classes from './settings.module.css';

/** What is typed into a SIP telephone. The secret is here this once. */
export function DeviceSettings({ provisioning }: { provisioning: Provisioning }) {
  const { t } = useTranslation('people');
  const { device, secret, addressOfRecord, server, port, transports, realm, displayName, text, qr } =
    provisioning;
  const onePort = transports.every((each) => each.port === port);
  const user = addressOfRecord.replace(/^sips?:/, '').split('@')[0] ?? '';
  const rows: readonly (readonly [string, string])[] = [
    [t('devices.host'), `${server}:${port}`],
    [t('devices.domain'), realm],
    [t('devices.user'), user],
    [t('devices.auth'), device.username],
    [
      t('devices.transport'),
      transports
        .map(({ protocol, port: at }) => `${protocol.toUpperCase()}${onePort ? '' : ` ${at}`}`)
        .join(', '),
    ],
    [t('devices.display'), displayName],
  ];
  return (
    <div className={classes.stack}>
      <ErrorNote tone="warn" title={t('devices.once')}>
        {t('devices.onceWhy')}
      </ErrorNote>
      <SecretLine text={secret} label={t('devices.secret')} copy={t('devices.copySecret')} />
      <table className={classes.table} aria-label={t('devices.table')}>
        <tbody>
          {rows.map(([label, value]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.qr}>
        <QrCode text={qr} label={t('devices.qr')} size={200} />
        <div>
          <p className={classes.text}>{t('devices.qrWhy')}</p>
          <details>
            <summary>{t('devices.asText')}</summary>
            <pre className={classes.raw}>{text}</pre>
            <CopyButton text={text} label={t('devices.copyText')} />
          </details>
        </div>
      </div>
    </div>
  );
}
