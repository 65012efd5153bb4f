import assert from 'node:assert/strict';
import { bindUdp } from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import type { Suite } from '../suite.ts';

/** The options of datagram sockets are read as they were set. */
export function datagramOptions(suite: Suite): void {
  suite.test('the options of both families are read as they were set', async (context) => {
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
      const { udpOptions } = context.server.supports;
      for (const name of ['reuseAddr', 'reusePort'] as const) {
        if (udpOptions.includes(name)) assert.equal(socket.socketOption(name), false);
      }
      for (const name of ['recvBufferSize', 'sendBufferSize'] as const) {
        if (!udpOptions.includes(name)) continue;
        socket.setSocketOption(name, 16384);
        const small = socket.socketOption(name);
        socket.setSocketOption(name, 65536);
        const large = socket.socketOption(name);
        assert.ok(small >= 16384 && large > small, `${name}: ${small}, ${large}`);
      }
      assert.equal(socket.takeError(), undefined);
    }
  });

  suite.test('the options of IPv4 are read as they were set', async (context) => {
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

  suite.test('the options of IPv6 are read as they were set', async (context) => {
    const { udpOptions } = context.server.supports;
    const six = udpOptions.includes('ipv6Only') ? { socket: { ipv6Only: true } } : undefined;
    const socket = await bindUdp(context, context.server, '[::1]:0', six);
    if (six !== undefined) {
      const any = await bindUdp(context, context.server, '[::]:0');
      const one = await bindUdp(context, context.server, '[::1]:0');
      const only = [socket, any, one].map((each) => each.socketOption('ipv6Only'));
      assert.deepEqual(only, [true, false, true]);
    }
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
    const first = await bindUdp(context, context.server, '127.0.0.1:0', {
      socket: { reuseAddr: true },
    });
    assert.equal(first.socketOption('reuseAddr'), true);
    const { port } = first.localAddr();
    const second = await bindUdp(context, context.server, `127.0.0.1:${port}`, {
      socket: { reuseAddr: true },
    });
    assert.deepEqual(second.localAddr(), first.localAddr());
  });

  suite.testIf(
    suite.server.supports.udpReusePort,
    'udpReusePort',
    'two sockets with reusePort share an address',
    async (context) => {
      const first = await bindUdp(context, context.server, '127.0.0.1:0', {
        socket: { reusePort: true },
      });
      assert.equal(first.socketOption('reusePort'), true);
      const { port } = first.localAddr();
      const second = await bindUdp(context, context.server, `127.0.0.1:${port}`, {
        socket: { reusePort: true },
      });
      assert.deepEqual(second.localAddr(), first.localAddr());
    },
  );

  if (!suite.server.supports.udpReusePort) {
    suite.test(
      'without supports.udpReusePort, reusePort throws EVLOOP_UNSUPPORTED',
      async (context) => {
        const bind = async (): Promise<unknown> =>
          bindUdp(context, context.server, '127.0.0.1:0', { socket: { reusePort: true } });
        await assert.rejects(bind, { code: 'EVLOOP_UNSUPPORTED' });
      },
    );
  }
}
