import type { Drawing } from './recorder.ts';
import { VIEW_SCRIPT } from './view-script.ts';

const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 1rem; color: #222; }
svg { width: 100%; border: 1px solid #ccc; touch-action: none; background: #fff; }
.lane { stroke: #999; }
.name { font-weight: 600; }
.packet { stroke: #3567b0; stroke-width: 1.2; }
.packet.bad { stroke: #c62828; stroke-width: 2; }
.poll { fill: #2e7d32; } .operation { fill: #888; } .fault, .failure { fill: #c62828; }
.failure-line { stroke: #c62828; stroke-width: 2; stroke-dasharray: 6 4; }
.tick { fill: #666; font-size: 11px; } .grid { stroke: #eee; }
#detail { white-space: pre-wrap; font-family: ui-monospace, monospace; min-height: 4em; }
`;

/** Draws a run as one HTML file that needs no other. */
export function drawRun(drawing: Drawing): string {
  // What closes a script would end it, in a string as well.
  const data = JSON.stringify(drawing).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(drawing.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(drawing.title)}</h1>
<p>Wheel: zoom. Drag: move. Point at an arrow or a dot for its details. Red: faults.
<button id="whole">Show the whole run</button></p>
<svg id="run" role="img" aria-label="Packets between hosts over time"></svg>
<div id="detail"></div>
<script>const run = ${data};
${VIEW_SCRIPT}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
