import { test } from 'node:test';
import { conformance, modelTests } from '@evloop/conformance';
import * as fastCheck from 'fast-check';
import * as backend from './memory/index.js';

conformance({ test, backend });
modelTests({ test, backend, fastCheck, runs: 200 });
