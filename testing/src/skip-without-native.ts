import { beforeEach } from 'vitest';
import { noNativeObject } from './native-object.ts';

/** The backend, and the examples that cannot run without it. */
const NEEDING = /\b(?:epoll|multi_core_server|supervisor)\b/;
const NEEDING_FILES = /\/(?:multi-core|restart|notify\.foreign)\.test\.ts$/;

// All tests of the package, and those of others that name what needs it.
beforeEach(({ task, skip }) => {
  const project = task.file.projectName ?? '';
  const title = [...suitesOf(task), task.name].join(' ');
  const needing = project.startsWith('@evloop/epoll') || NEEDING_FILES.test(task.file.filepath);
  if (noNativeObject !== undefined && (needing || NEEDING.test(title))) skip(noNativeObject);
});

function suitesOf({ suite }: { suite?: Suite | undefined }): string[] {
  return suite === undefined ? [] : [...suitesOf(suite), suite.name];
}

interface Suite {
  readonly name: string;
  readonly suite?: Suite | undefined;
}
