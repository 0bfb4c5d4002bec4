// For a page that has `apply`: all of a hundred rows change at once, time after time.
(() => {
  const bench = (window.bench = { ready: false });
  let rows = [];
  let turn = 0;
  fetch('/bench-feed.json')
    .then((answer) => answer.json())
    .then((given) => {
      rows = given.rows.slice(0, 100);
      bench.ready = true;
    });
  bench.change = () =>
    new Promise((done) => {
      turn += 1;
      const texts = rows.map((texts) => texts[turn % texts.length]);
      const text = `{"seq":${turn},"kind":"update","vaults":[${texts.join(',')}],"markets":[],"totals":null}`;
      const begun = performance.now();
      window.apply(text);
      const drain = (left) => {
        if (left > 0) queueMicrotask(() => drain(left - 1));
        else done({ rows: rows.length, took: performance.now() - begun });
      };
      drain(60);
    });
})();
