import { lazy, Suspense } from 'react';

const Items = lazy(() => import('./conversation-items.tsx'));

/** In a conversation's menu: when its news come. */
export function OfConversation({ conversation }: { conversation: { id: string; spaceId: string } }) {
  return (
    <Suspense fallback={null}>
      <Items conversationId={conversation.id} spaceId={conversation.spaceId} />
    </Suspense>
  );
}
