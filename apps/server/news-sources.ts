import { news as callsNews } from '@liaison/calls/server';
import { news as chatNews } from '@liaison/chat/server';
import type { NewsSource } from '@liaison/core/news';

/** Everything that people are told of, module by module: one line for each. */
export const newsSources: readonly NewsSource[] = [chatNews, callsNews];
