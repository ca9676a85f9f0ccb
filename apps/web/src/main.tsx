import { createQueryClient, loadStrings, onWorkerMessage, startI18n } from '@liaison/core/web';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { shellStrings } from './early.ts';
import { LeaveContext } from './leave.ts';
import { live } from './live.ts';
import { fetchLostStylesAgain } from './lost-styles.ts';
import { modules } from './modules.ts';
import { navNamespace } from './nav-namespace.ts';
import { registerWorker } from './register-worker.ts';
import { createAppRouter } from './router.tsx';
import { hadSession } from './session-source.ts';

async function start(): Promise<void> {
  fetchLostStylesAgain();
  // Beside everything else: what pages fetch after the welcome need not be fetched again because of it.
  if (hadSession()) live.start();
  const queries = createQueryClient();
  const starting = startI18n(
    {
      shell: shellStrings,
      ...Object.fromEntries(
        modules.flatMap(({ name, strings, navStrings }) => [
          [name, strings],
          ...(navStrings ? [[`${name}-nav`, navStrings]] : []),
        ]),
      ),
    },
    { first: ['shell', ...modules.map(navNamespace)] },
  );
  const { router, leave } = createAppRouter(queries, async (module) => loadStrings(await starting, module));
  // Pressed on a notification while this page is open: nothing of it is lost, a call least of all.
  onWorkerMessage('liaison.go', ({ path }) => router.history.push(path));
  const i18n = await starting;
  const place = document.getElementById('root');
  if (!place) throw new Error('index.html has no #root');
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <I18nextProvider i18n={i18n}>
          <LeaveContext value={leave}>
            <RouterProvider router={router} />
          </LeaveContext>
        </I18nextProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
  registerWorker();
}

/** Without its first words there is no page, and nothing to say it with. */
const startAgainMs = 5_000;

start().catch((error: unknown) => {
  console.error(error);
  setTimeout(() => location.reload(), startAgainMs);
});
