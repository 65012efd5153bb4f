import assert from 'node:assert/strict';
import { bindUdp } from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import type { Suite } from '../suite.ts';

/** The options of datagram sockets: what is set is what is read. */
export function datagramOptions(suite: Suite): void {
  suite.test('options of both families', async (context) => {
    for (const address of ['127.0.0.1:0', '[::1]:0']) {
      const socket = await bindUdp(context, context.server, address);
      assert.equal(socket.broadcast(), false);
      for (const on of [true, false]) {
        socket.setBroadcast(on);
        assert.equal(socket.broadcast(), on);
      }
      assert.ok(socket.ttl() >= 1 && socket.ttl() <= 255);
      for (const hops of [1, 10, 255]) {
        socket.setTtl(hops);
        assert.equal(socket.ttl(), hops);
      }
      assert.deepEqual([socket.reuseAddr(), socket.reusePort()], [false, false]);
      for (const which of ['Recv', 'Send'] as const) {
        const set = `set${which}BufferSize` as const;
        const get = which === 'Recv' ? 'recvBufferSize' : 'sendBufferSize';
        socket[set](16384);
        const small = socket[get]();
        socket[set](65536);
        assert.ok(small >= 16384 && socket[get]() > small, `${get}: ${small}, ${socket[get]()}`);
      }
      assert.equal(socket.takeError(), undefined);
    }
  });

  suite.test('options of IPv4', async (context) => {
    const socket = await bindUdp(context);
    assert.deepEqual([socket.multicastTtlV4(), socket.multicastLoopV4()], [1, true]);
    for (const hops of [0, 10, 255]) {
      socket.setMulticastTtlV4(hops);
      assert.equal(socket.multicastTtlV4(), hops);
    }
    for (const on of [false, true]) {
      socket.setMulticastLoopV4(on);
      assert.equal(socket.multicastLoopV4(), on);
    }
    assert.equal(socket.multicastInterfaceV4(), '0.0.0.0');
    socket.setMulticastInterfaceV4('127.0.0.1');
    assert.equal(socket.multicastInterfaceV4(), '127.0.0.1');
    for (const act of [
      () => socket.ipv6Only(),
      () => socket.multicastHopsV6(),
      () => socket.setMulticastHopsV6(1),
      () => socket.multicastLoopV6(),
      () => socket.setMulticastLoopV6(true),
      () => socket.joinMulticastV6('ff02::1'),
      () => socket.leaveMulticastV6('ff02::1'),
      () => socket.setMulticastInterfaceV6(0),
    ]) {
      expectCode(act, 'EAFNOSUPPORT');
    }
  });

  suite.test('options of IPv6', async (context) => {
    const socket = await bindUdp(context, context.server, '[::1]:0', { ipv6Only: true });
    assert.equal(socket.ipv6Only(), true);
    assert.equal((await bindUdp(context, context.server, '[::]:0')).ipv6Only(), false);
    assert.equal((await bindUdp(context, context.server, '[::1]:0')).ipv6Only(), true);
    assert.deepEqual([socket.multicastHopsV6(), socket.multicastLoopV6()], [1, true]);
    for (const hops of [0, 10, 255]) {
      socket.setMulticastHopsV6(hops);
      assert.equal(socket.multicastHopsV6(), hops);
    }
    for (const on of [false, true]) {
      socket.setMulticastLoopV6(on);
      assert.equal(socket.multicastLoopV6(), on);
    }
    for (const act of [
      () => socket.multicastTtlV4(),
      () => socket.setMulticastTtlV4(1),
      () => socket.multicastLoopV4(),
      () => socket.setMulticastLoopV4(true),
      () => socket.joinMulticastV4('224.0.0.1'),
      () => socket.leaveMulticastV4('224.0.0.1'),
      () => socket.setMulticastInterfaceV4('0.0.0.0'),
    ]) {
      expectCode(act, 'EAFNOSUPPORT');
    }
  });

  suite.test('two sockets with reuseAddr share an address', async (context) => {
    const first = await bindUdp(context, context.server, '127.0.0.1:0', { reuseAddr: true });
    assert.equal(first.reuseAddr(), true);
    const { port } = first.localAddr();
    const second = await bindUdp(context, context.server, `127.0.0.1:${port}`, { reuseAddr: true });
    assert.deepEqual(second.localAddr(), first.localAddr());
  });

  suite.testIf(
    suite.server.supports.udpReusePort,
    'udpReusePort',
    'two sockets with reusePort share an address',
    async (context) => {
      const first = await bindUdp(context, context.server, '127.0.0.1:0', { reusePort: true });
      assert.equal(first.reusePort(), true);
      const { port } = first.localAddr();
      const second = await bindUdp(context, context.server, `127.0.0.1:${port}`, {
        reusePort: true,
      });
      assert.deepEqual(second.localAddr(), first.localAddr());
    },
  );

  if (!suite.server.supports.udpReusePort) {
    suite.test('without support for reusePort, asking for it is refused', async (context) => {
      const bind = async (): Promise<unknown> =>
        bindUdp(context, context.server, '127.0.0.1:0', { reusePort: true });
      await assert.rejects(bind, { code: 'EVLOOP_UNSUPPORTED' });
    });
  }
}
