import {
  myMenu,
  Slot,
  useColorScheme,
  useLetterKeys,
  useProblemText,
  useSession,
  useSignOut,
} from '@liaison/core/web';
import { type ColorScheme, Row, Rows, Segments, Switch, useToasts } from '@liaison/ui';
import { IconKeyboard, IconLogout } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modules } from './modules.ts';
import classes from './my-things.module.css';

const links = modules
  .flatMap((module) => (module.mine ?? []).map((entry) => ({ module: module.name, ...entry })))
  .sort((a, b) => a.order - b.order);

/** What is mine: my state, my settings, how this device shows Liaison, and the way out. In a menu, or as a page. */
export default function MyThings({ onDone, onKeys }: { onDone: () => void; onKeys?: () => void }) {
  const { t } = useTranslation(['shell', ...modules.map((module) => module.name)]);
  const session = useSession();
  const [scheme, setScheme] = useColorScheme();
  const [letters, setLetters] = useLetterKeys();
  const schemes: { id: ColorScheme; label: string }[] = [
    { id: 'auto', label: t('shell:me.themeAuto') },
    { id: 'light', label: t('shell:me.themeLight') },
    { id: 'dark', label: t('shell:me.themeDark') },
  ];
  return (
    <div className={classes.things}>
      <div className={classes.who}>
        <b>{session.name}</b>
        <span>{session.address}</span>
        <span>{t('shell:me.signedInAs', { organisation: session.orgName })}</span>
      </div>
      <div className={classes.links}>
        <Slot slot={myMenu} done={onDone} />
      </div>
      {links.length > 0 ? (
        <div className={classes.links}>
          <Rows>
            {links.map(({ module, path, icon: Icon, label }) => (
              <Row key={path} compact href={path} face={<Icon size={18} />} name={t(`${module}:${label}`)} />
            ))}
          </Rows>
        </div>
      ) : null}
      <div className={classes.choice}>
        <span>{t('shell:me.theme')}</span>
        <div>
          <Segments label={t('shell:me.theme')} items={schemes} value={scheme} onChange={setScheme} />
        </div>
      </div>
      {onKeys ? (
        <Switch
          label={t('shell:me.letters')}
          checked={letters}
          onChange={(event) => setLetters(event.currentTarget.checked)}
        />
      ) : null}
      <div className={classes.links}>
        <Rows>
          {onKeys ? (
            <Row compact onClick={onKeys} face={<IconKeyboard size={18} />} name={t('shell:me.keys')} />
          ) : null}
          <SignOut />
        </Rows>
      </div>
    </div>
  );
}

function SignOut() {
  const { t } = useTranslation('shell');
  const signOut = useSignOut();
  const problemText = useProblemText();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const leave = async (): Promise<void> => {
    setBusy(true);
    try {
      await signOut();
    } catch (error) {
      setBusy(false);
      toasts.show({ text: `${t('me.signOutFailed')} ${problemText(error).text}`, tone: 'danger' });
    }
  };
  return (
    <Row
      compact
      onClick={busy ? undefined : () => void leave()}
      face={<IconLogout size={18} />}
      name={t('me.signOut')}
    />
  );
}
