import { news as calendarNews } from '@liaison/calendar/server';
import { news as callsNews } from '@liaison/calls/server';
import { news as chatNews } from '@liaison/chat/server';
import type { NewsSource } from '@liaison/core/news';
import { news as filesNews } from '@liaison/files/server';
import { news as peopleNews } from '@liaison/people/server';

/** Everything that people are told of, module by module: one line for each. */
export const newsSources: readonly NewsSource[] = [chatNews, callsNews, calendarNews, filesNews, peopleNews];
