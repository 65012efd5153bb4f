import { Interest, WouldBlock } from '@evloop/core';
import type { Loop, Stream } from '@evloop/service';

/** Resolves when the stream is connected. It is registered nowhere before and after. */
export function whenConnected(stream: Stream, loop: Loop): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.finishConnect() !== WouldBlock) return resolve();
    const attachment = loop.attach(stream, Interest.READABLE | Interest.WRITABLE, () => {
      try {
        if (stream.finishConnect() === WouldBlock) return;
        attachment.detach();
        resolve();
      } catch (error) {
        stream.close();
        attachment.forget();
        reject(error);
      }
    });
  });
}
