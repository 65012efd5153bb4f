import { pairs } from './pairs.ts';

// A file for each way to wait, so that both run at the same time.
pairs('sync');
