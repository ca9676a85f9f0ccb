import { useRefreshSession } from '@liaison/core/web';
import { Button } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';

export function SignIn() {
  const refresh = useRefreshSession();
  const router = useRouter();
  const enter = async (): Promise<void> => {
    await fetch('/api/v1/stand-in/sign-in', { method: 'POST' });
    await refresh();
    router.history.push('/chat');
  };
  return (
    <main>
      <h1>Sign in</h1>
      <Button onClick={() => void enter()}>Enter</Button>
    </main>
  );
}
