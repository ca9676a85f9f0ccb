import { useApi, useProblemText } from '@liaison/core/web';
import { listDevices } from '@liaison/people';
import { Button, ErrorNote, IconButton, PersonFace, PersonState, useLabels } from '@liaison/ui';
import { Portal } from '@mantine/core';
import { IconDeviceLandlinePhone, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CallView, listTelephones } from '../contract/index.ts';
import panelClasses from './call-panel.module.css';
import { useTelephone } from './calls-provider.tsx';
import { DialField } from './dial-field.tsx';
import { programOf } from './telephone-name.ts';
import classes from './transfer-panel.module.css';
import { usePartyView } from './use-party-view.ts';

/** A portal shows its content after its first effects have run: what is shown takes the focus itself. */
const focusField = (panel: HTMLElement | null): void => panel?.querySelector('input')?.focus();

/** Under the line during a call: to whom it is handed, unasked or after asking, and on which telephone of one's own it goes on. */
export default function TransferPanel({ call, onClose }: { call: CallView; onClose: () => void }) {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const problemText = useProblemText();
  const { controller } = useTelephone();
  const [chosen, setChosen] = useState<{ to: string; name: string } | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const now = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) now.current?.focus();
  }, [chosen]);

  const attempt = async (work: () => Promise<void>, closes: boolean): Promise<void> => {
    setTrouble(null);
    setBusy(true);
    try {
      await work();
      if (closes) onClose();
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Portal>
      <section
        ref={focusField}
        className={panelClasses.panel}
        aria-label={t('transfer.title', { name: call.peer.name })}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
      >
        <div className={panelClasses.head}>
          <h2 className={classes.title}>{t('transfer.title', { name: call.peer.name })}</h2>
          <IconButton aria-label={labels.close} onClick={onClose}>
            <IconX size={18} />
          </IconButton>
        </div>
        {chosen ? (
          <div className={classes.chosen}>
            <Chosen to={chosen.to} name={chosen.name} />
            <IconButton
              aria-label={t('transfer.another')}
              onClick={() => {
                setChosen(null);
                setTrouble(null);
              }}
            >
              <IconX size={18} />
            </IconButton>
          </div>
        ) : (
          <DialField
            choice={{
              label: t('transfer.whom'),
              word: t('transfer.choose'),
              onChoose: (to, name) => {
                setTrouble(null);
                setChosen({ to, name });
              },
            }}
          />
        )}
        {trouble === null ? null : <ErrorNote title={problemText(trouble).text} />}
        {chosen ? (
          <div className={classes.verbs}>
            <Button
              ref={now}
              loading={isBusy}
              onClick={() => void attempt(() => controller.transfer(call.id, chosen.to), true)}
            >
              {t('transfer.now')}
            </Button>
            <Button
              variant="default"
              disabled={isBusy}
              onClick={() => {
                onClose();
                void controller.consult(call.id, chosen.to, chosen.name);
              }}
            >
              {t('transfer.ask')}
            </Button>
            <p>{t('transfer.how', { name: call.peer.name })}</p>
          </div>
        ) : null}
        <OwnTelephones call={call} attempt={(work) => void attempt(work, false)} />
      </section>
    </Portal>
  );
}

function Chosen({ to, name }: { to: string; name: string }) {
  const isId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(to);
  const person = usePartyView({ personId: isId ? to : null, name, address: null });
  if (!person) return null;
  return (
    <>
      <PersonFace person={person} size={36} />
      <span className={classes.words}>
        <b>{person.name}</b>
        <span>
          <PersonState person={person} />
        </span>
      </span>
    </>
  );
}

/** My telephones that are connected: each may go on with this call. */
function OwnTelephones({ call, attempt }: { call: CallView; attempt: (work: () => Promise<void>) => void }) {
  const { t } = useTranslation('calls');
  const { controller } = useTelephone();
  const { data } = useApi(listTelephones);
  const devices = useApi(listDevices, {});
  const rows = data?.rows ?? [];
  // Under its given name from the first moment: a button whose words change is pressed wrongly.
  if (rows.length === 0 || devices.isPending) return null;
  const given = new Map(devices.data?.devices.map(({ id, name }) => [id, name]));
  const isRinging = !!call.movingTo;
  return (
    <div className={classes.own}>
      <h3>{t('transfer.own')}</h3>
      <ul>
        {rows.map((row) => {
          const program = programOf(row.userAgent);
          const name = given.get(row.deviceId) ?? program ?? t('telephones.one');
          return (
            <li key={row.deviceId}>
              <Button
                variant="default"
                fullWidth
                justify="flex-start"
                leftSection={<IconDeviceLandlinePhone size={18} />}
                disabled={isRinging}
                onClick={() => attempt(() => controller.sendTo(call.id, row.deviceId))}
              >
                <span className={classes.telephone}>
                  {call.movingTo === row.deviceId
                    ? t('transfer.rings', { name })
                    : t('transfer.sendTo', { name })}
                  {program !== null && program !== name ? <small>{program}</small> : null}
                </span>
              </Button>
            </li>
          );
        })}
      </ul>
      {isRinging ? (
        <Button variant="subtle" onClick={() => void controller.stayHere(call.id)}>
          {t('transfer.stay')}
        </Button>
      ) : null}
    </div>
  );
}
