/**
 * Gives @evloop/epoll the native objects of linux arm64 (glibc) by a static import, which bundlers
 * follow. Import it before `evloop`.
 *
 * @packageDocumentation
 */
import objects from '../../objects/linux-arm64-glibc.cjs';
import { giveObjects } from '../native/given-objects.ts';

giveObjects(objects);
