import type { Events } from '@evloop/core';

/** Handles the events of one poll. */
export type Handler = (events: Events) => void;
