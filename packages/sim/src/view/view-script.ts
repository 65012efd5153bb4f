/** The script of the drawn page. It runs in a browser, with the run in the global `run`. */
export const VIEW_SCRIPT: string = String.raw`
const svg = document.getElementById('run');
const detail = document.getElementById('detail');
const LANE = 70, TOP = 40, LEFT = 90;
const height = TOP + run.hosts.length * LANE;
svg.setAttribute('height', height);
const last = Math.max(run.end, 1, ...run.packets.map((packet) => Math.min(packet.arrives, run.end)));
let view = { start: 0, end: last * 1.02 };

function make(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
const width = () => svg.clientWidth || 1000;
const x = (time) => LEFT + ((time - view.start) / (view.end - view.start)) * (width() - LEFT - 20);
const y = (host) => TOP + host * LANE + LANE / 2;
function timeText(ns) {
  if (ns < 1e3) return ns + ' ns';
  if (ns < 1e6) return +(ns / 1e3).toFixed(3) + ' µs';
  if (ns < 1e9) return +(ns / 1e6).toFixed(3) + ' ms';
  return +(ns / 1e9).toFixed(3) + ' s';
}
function describe(element, text) {
  element.append(make('title', {}, text));
  element.addEventListener('pointerenter', () => { detail.textContent = text; });
  return element;
}
const seen = (from, to) => to >= view.start && from <= view.end;
function step() {
  const rough = (view.end - view.start) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
}
function draw() {
  svg.replaceChildren();
  const size = step();
  for (let t = Math.ceil(view.start / size) * size; t <= view.end; t += size) {
    svg.append(make('line', { class: 'grid', x1: x(t), x2: x(t), y1: 20, y2: height }));
    svg.append(make('text', { class: 'tick', x: x(t) + 2, y: 14 }, timeText(Math.round(t))));
  }
  run.hosts.forEach((name, host) => {
    svg.append(make('line', { class: 'lane', x1: LEFT, x2: width(), y1: y(host), y2: y(host) }));
    svg.append(make('text', { class: 'name', x: 6, y: y(host) + 5 }, name));
  });
  for (const packet of run.packets) {
    if (!seen(packet.sent, packet.arrives)) continue;
    const lost = packet.fate !== '' && packet.fate !== 'overtaken' && packet.fate !== 'doubled' && packet.fate !== 'copy';
    const [x1, y1] = [x(packet.sent), y(packet.from)];
    let [x2, y2] = [x(packet.arrives), y(packet.to) + (packet.from === packet.to ? 12 : 0)];
    if (lost) [x2, y2] = [(x1 + 3 * x2) / 4, (y1 + 3 * y2) / 4];
    const group = make('g', { class: packet.fate === '' ? 'packet' : 'packet bad' });
    group.append(make('line', { x1, y1, x2, y2 }));
    if (lost) {
      group.append(make('path', { d: 'M' + (x2 - 5) + ' ' + (y2 - 5) + 'l10 10m0 -10l-10 10' }));
    } else {
      const angle = Math.atan2(y2 - y1, x2 - x1);
      const at = (turn) => (x2 - 8 * Math.cos(angle + turn)) + ' ' + (y2 - 8 * Math.sin(angle + turn));
      group.append(make('path', { fill: 'none', d: 'M' + at(0.4) + 'L' + x2 + ' ' + y2 + 'L' + at(-0.4) }));
    }
    const delay = timeText(packet.arrives - packet.sent);
    const fate = packet.fate === '' ? '' : '\nfault: ' + packet.fate;
    svg.append(describe(group, packet.text + '\nsent at ' + timeText(packet.sent) + ', delay ' + delay + fate));
  }
  for (const mark of run.marks) {
    if (!seen(mark.time, mark.time)) continue;
    const text = timeText(mark.time) + ': ' + mark.text;
    if (mark.host < 0) {
      const line = { class: 'failure-line', x1: x(mark.time), x2: x(mark.time), y1: 20, y2: height };
      svg.append(describe(make('line', line), text));
      continue;
    }
    const radius = mark.kind === 'fault' ? 7 : mark.kind === 'poll' ? 5 : 3;
    svg.append(describe(make('circle', { class: mark.kind, cx: x(mark.time), cy: y(mark.host), r: radius }), text));
  }
}
svg.addEventListener('wheel', (event) => {
  event.preventDefault();
  const at = view.start + ((event.offsetX - LEFT) / (width() - LEFT - 20)) * (view.end - view.start);
  const factor = event.deltaY > 0 ? 1.25 : 0.8;
  view = { start: Math.max(0, at - (at - view.start) * factor), end: at + (view.end - at) * factor };
  draw();
}, { passive: false });
svg.addEventListener('pointermove', (event) => {
  if ((event.buttons & 1) === 0) return;
  const moved = (event.movementX / (width() - LEFT - 20)) * (view.end - view.start);
  const shift = Math.max(-view.start, -moved);
  view = { start: view.start + shift, end: view.end + shift };
  draw();
});
document.getElementById('whole').addEventListener('click', () => { view = { start: 0, end: last * 1.02 }; draw(); });
addEventListener('resize', draw);
draw();
const failed = run.marks.find((mark) => mark.kind === 'failure');
if (failed) detail.textContent = failed.text;
document.body.dataset.drawn = svg.querySelectorAll('.packet').length + ' packets';
`;
