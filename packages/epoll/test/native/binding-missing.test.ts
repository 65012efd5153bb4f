import { afterEach, describe, expect, test, vi } from 'vitest';

describe('where there is no native object', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    vi.resetModules();
  });
  const reload = () => {
    vi.resetModules();
    return import('../../src/native/binding.ts');
  };

  test('importing is harmless, and using says what was looked for', async () => {
    vi.stubEnv('EVLOOP_NATIVE_DIR', '/nonexistent');
    const { bindingFailure, loadBinding, watch } = await reload();
    expect(bindingFailure).toContain('/nonexistent/epoll.node');
    expect(() => loadBinding()).toThrow(bindingFailure);
    expect(watch).toBeUndefined();
  });

  test('another platform is named', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    const { bindingFailure } = await reload();
    expect(bindingFailure).toBe('epoll is Linux only, and this is darwin');
  });
});
