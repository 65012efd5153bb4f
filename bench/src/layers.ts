import { share } from './format.ts';
import type { Result } from './result.ts';
import { ratios, type Summary, summarize } from './statistics.ts';

/** What a layer adds to the cost of a message. */
export interface LayerCost extends Summary {
  readonly layer: string;
  readonly title: string;
  readonly contestant: string;
  readonly of: string;
}

/** A contestant with a layer, and the same without it. */
const LAYERS = [
  { layer: 'service', contestant: 'epoll-sync', of: 'bare-sync' },
  { layer: 'service', contestant: 'epoll', of: 'bare' },
  { layer: 'service', contestant: 'net', of: 'bare-net' },
  { layer: 'streams', contestant: 'streams', of: 'bare' },
  { layer: 'corking', contestant: 'epoll-sync-cork', of: 'epoll-sync' },
  { layer: 'corking', contestant: 'epoll-cork', of: 'epoll' },
] as const;

/** Returns the costs of the layers that the result knows, in the order of its cases. */
export function layerCosts({ cases }: Result): LayerCost[] {
  return cases.flatMap(({ title, rows }) => {
    const costs = (id: string) => {
      const samples = rows.find(({ contestant }) => contestant === id)?.samples ?? [];
      return samples.map((sample) => sample?.cpuUs);
    };
    return LAYERS.map(({ layer, contestant, of }) => {
      const summary = summarize(ratios(costs(contestant), costs(of)));
      return { layer, title, contestant, of, ...summary };
    }).filter(({ median }) => Number.isFinite(median));
  });
}

export const LAYER_HEAD = ['what a layer costs', '', '', 'ratio', 'range'];

/** The cells of a layer, for every kind of report. */
export function layerCells({ layer, title, contestant, of, ...cost }: LayerCost): string[] {
  const range = `${share(cost.lower)}–${share(cost.upper)}`;
  return [title, layer, `${contestant} / ${of}`, share(cost.median), range];
}
