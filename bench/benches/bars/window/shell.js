// Stands for the shell, put into the page before its own scripts: the window as it is shipped talks to it as to Tauri. What
// the monitor does while more changes than it may send is done here the same way: a batch when the last one was acknowledged, 33 ms apart at the least, of
// 8,000 bytes at the most as a text within JSON, what is in view first.
(() => {
  const GATHER = 33;
  const BATCH = 8000;
  const callbacks = new Map();
  let nextCallback = 1;
  let send = null;
  let seq = 0;
  let index = 0;
  let inFlight = false;
  let sent = 0;
  let looked = new Set();
  let feed = null;
  // For each vault the texts of its rows, one after the other, and which is the present one.
  let rows = [];
  let turn = [];
  let dirty = new Set();

  const bench = (window.bench = {
    ready: false,
    rate: 0,
    // Script time of each frame in which anything was done, in milliseconds.
    frames: [],
    updates: 0,
    batches: 0,
    histories: [],
  });

  // The memory of the page's own program is not the browser's to count.
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = WebAssembly[name].bind(WebAssembly);
    WebAssembly[name] = async (...args) => {
      const made = await real(...args);
      // The page's second program has none of its own.
      const memory = (made.instance ?? made).exports.memory;
      if (memory) bench.memory = () => memory.buffer.byteLength;
      return made;
    };
  }

  const realFrame = window.requestAnimationFrame.bind(window);
  const frameWork = [];
  window.requestAnimationFrame = (work) => frameWork.push(work);

  // Its own time and that of the promises it settles, without what the browser lays out and paints.
  let spent = 0;
  const timed = (work) => {
    const begun = performance.now();
    work();
    return new Promise((done) => {
      const drain = (left) => {
        if (left > 0) queueMicrotask(() => drain(left - 1));
        else {
          const took = performance.now() - begun;
          spent += took;
          done(took);
        }
      };
      drain(60);
    });
  };
  for (const name of ['setTimeout', 'setInterval']) {
    const real = window[name].bind(window);
    window[name] = (work, delay, ...rest) => real(() => void timed(() => work(...rest)), delay);
  }

  const invoke = (command, args) => {
    if (command === 'attach') {
      const number = Number(String(args.channel).split(':')[1]);
      send = callbacks.get(number);
      seq = index = 0;
      inFlight = false;
      dirty = new Set(rows.keys());
      bench.ready = true;
      return Promise.resolve(JSON.parse(feed.attached));
    }
    if (command === 'acknowledge_batch') inFlight = false;
    if (command === 'look_at') looked = new Set(args.ids.map((id) => feed.ids.get(id)));
    if (command === 'notifications' || command === 'channels') return Promise.resolve([]);
    if (command === 'vault_detail') return Promise.resolve(JSON.parse(feed.detail.replace('"ROW"', rows[feed.ids.get(args.id)][0])));
    if (command === 'vault_history') return Promise.resolve(JSON.parse(feed.history));
    return Promise.resolve(null);
  };
  window.__TAURI_INTERNALS__ = {
    transformCallback: (callback) => {
      callbacks.set(nextCallback, callback);
      return nextCallback++;
    },
    invoke: (command, args) =>
      command === 'attach' ? loaded.then(() => invoke(command, args)) : invoke(command, args),
  };
  const loaded = fetch('/bench-feed.json')
    .then((answer) => answer.json())
    .then((given) => {
      rows = given.rows;
      turn = rows.map(() => 0);
      feed = { ...given, ids: new Map(given.ids.map((id, at) => [id, at])) };
    });

  const escaped = (text) => JSON.stringify(text).length;
  const batchOf = (ids, kind) => {
    const texts = [];
    let bytes = 90;
    const put = (at) => {
      const text = rows[at][turn[at]];
      if (bytes + escaped(text) + 1 > BATCH && texts.length) return false;
      bytes += escaped(text) + 1;
      texts.push(text);
      dirty.delete(at);
      return true;
    };
    for (const at of ids) if (!put(at)) break;
    const totals = feed.totals && seq % 8 === 0 ? feed.totals : 'null';
    seq += 1;
    return `{"seq":${seq},"kind":"${kind}","vaults":[${texts.join(',')}],"markets":[],"totals":${totals}}`;
  };
  const inOrder = function* () {
    for (const at of looked) if (dirty.has(at)) yield at;
    for (const at of [...dirty].slice(0, 200)) if (!looked.has(at)) yield at;
  };
  const deliver = (text) => send({ message: text, index: index++ });

  let last = performance.now();
  let owed = 0;
  const frame = async () => {
    realFrame(frame);
    const now = performance.now();
    if (feed && bench.rate > 0) {
      owed += (bench.rate * Math.min(now - last, 250)) / 1000;
      for (; owed >= 1; owed -= 1) {
        const at = Math.floor(Math.random() * rows.length);
        turn[at] = (turn[at] + 1) % rows[at].length;
        dirty.add(at);
        bench.updates += 1;
      }
    }
    last = now;
    const due = send && !inFlight && now - sent >= GATHER && (dirty.size > 0 || seq === 0);
    const text = due ? batchOf(inOrder(), seq === 0 ? 'reset' : 'update') : null;
    await timed(() => {
      if (text) {
        inFlight = true;
        sent = now;
        bench.batches += 1;
        deliver(text);
      }
      for (const work of frameWork.splice(0)) work(now);
    });
    bench.frames.push(spent);
    spent = 0;
  };
  realFrame(frame);

  // All rows in view change at once: the script time of reading and drawing that.
  bench.change = async () => {
    const ids = [...looked].slice(0, 100);
    for (const at of ids) turn[at] = (turn[at] + 1) % rows[at].length;
    const texts = ids.map((at) => rows[at][turn[at]]);
    seq += 1;
    const text = `{"seq":${seq},"kind":"update","vaults":[${texts.join(',')}],"markets":[],"totals":null}`;
    const before = frameWork.length;
    const took = await timed(() => {
      deliver(text);
      for (const work of frameWork.splice(before)) work(performance.now());
    });
    return { rows: ids.length, took };
  };
  bench.sent = () => rows.length - dirty.size;
})();
