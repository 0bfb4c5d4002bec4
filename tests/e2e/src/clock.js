// A clock that stands still until a test moves it: what is drawn then is the same on every machine. Put into the page
// before its own scripts.
(() => {
  const start = 1_763_817_600_000; // 22 November 2025, 13:20 UTC
  const RealDate = Date;
  const later = new MessageChannel();
  let now = start;
  let next = 1;
  const timers = new Map();
  // For scripts that are no part of the page.
  window.real = { setTimeout: window.setTimeout.bind(window), clearTimeout: window.clearTimeout.bind(window) };

  window.Date = class extends RealDate {
    constructor(...parts) {
      if (parts.length === 0) super(now);
      else super(...parts);
    }
    static now() {
      return now;
    }
  };
  performance.now = () => now - start;

  const add = (work, delay, every) => {
    const id = next++;
    timers.set(id, { at: now + Math.max(1, delay || 0), every, work });
    return id;
  };
  const remove = (id) => timers.delete(id);
  window.setTimeout = (work, delay, ...rest) => add(() => work(...rest), delay, 0);
  window.setInterval = (work, delay, ...rest) => add(() => work(...rest), delay, Math.max(1, delay || 0));
  window.requestAnimationFrame = (work) => add(() => work(now - start), 16, 0);
  window.clearTimeout = remove;
  window.clearInterval = remove;
  window.cancelAnimationFrame = remove;

  // Lets promises that are due settle, and the browser do what waits for it.
  const breath = () =>
    new Promise((done) => {
      later.port1.onmessage = done;
      later.port2.postMessage(0);
    });

  // Moves the clock, and does what is due on the way, each at its own moment.
  window.advance = async (millis) => {
    const end = now + millis;
    for (;;) {
      await breath();
      let first = null;
      for (const [id, timer] of timers) {
        if (timer.at <= end && (!first || timer.at < first.timer.at)) first = { id, timer };
      }
      if (!first) break;
      now = Math.max(now, first.timer.at);
      if (first.timer.every) first.timer.at = now + first.timer.every;
      else timers.delete(first.id);
      first.timer.work();
    }
    now = end;
    await breath();
  };
})();
