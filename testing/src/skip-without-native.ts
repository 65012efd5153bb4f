import { beforeEach } from 'vitest';

const REASON =
  process.platform === 'linux'
    ? 'no native object was built (install a C compiler, and build again)'
    : 'epoll is Linux only';

// All tests of the package, and those of others that name the backend.
beforeEach(({ task, skip }) => {
  const project = task.file.projectName ?? '';
  const title = [...suitesOf(task), task.name].join(' ');
  if (project.startsWith('@evloop/epoll') || /\bepoll\b/.test(title)) skip(REASON);
});

function suitesOf({ suite }: { suite?: Suite | undefined }): string[] {
  return suite === undefined ? [] : [...suitesOf(suite), suite.name];
}

interface Suite {
  readonly name: string;
  readonly suite?: Suite | undefined;
}
