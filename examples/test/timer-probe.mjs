// Loaded into a server with `node --import`: measures how late a timer of 5 ms comes, and says on
// SIGUSR2 what was the worst since it was asked last. Time in which other programs had the
// processor does not count: of a delay, as much counts as the process itself was running.
const PERIOD_MS = 5;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let worst = 0;
let previous = performance.now();
let previousCpu = cpuMs();
setInterval(() => {
  const now = performance.now();
  const cpu = cpuMs();
  worst = Math.max(worst, Math.min(now - previous - PERIOD_MS, cpu - previousCpu));
  previous = now;
  previousCpu = cpu;
}, PERIOD_MS).unref();
process.on('SIGUSR2', () => {
  console.log(`worst ${worst.toFixed(1)} ms`);
  worst = 0;
});
