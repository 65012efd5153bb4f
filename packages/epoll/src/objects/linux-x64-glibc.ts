/**
 * Gives @evloop/epoll the native objects of linux x64 (glibc) by a static import, which bundlers
 * follow. Import it before `evloop`.
 *
 * @packageDocumentation
 */
import objects from '../../objects/linux-x64-glibc.cjs';
import { giveObjects } from '../native/given-objects.ts';

giveObjects(objects);
