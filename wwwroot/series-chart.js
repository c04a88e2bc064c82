// The chart of a hub's series: its mean as a line, and what lies between its smallest and largest values as a band.
const charts = new Map();
const MAX_READINGS = 2000; // up to here an hour is drawn from each reading
const PAGE = 10000;
const PADDING = { left: 72, right: 10, top: 8, bottom: 20 };
const STEPS = { minute: 60, hour: 3600, day: 86400 };

export async function show(root, series, seconds, resolution, unit, title) {
  let chart = charts.get(root) ?? charts.set(root, chartOf(root)).get(root);
  const wanted = `${series} ${seconds}`;
  if (chart.wanted !== wanted) {
    Object.assign(chart, { wanted, points: null, cursor: null });
    draw(chart);
  }
  const until = Date.now();
  const from = until - seconds * 1000;
  const read = await pointsOf(series, from, seconds, resolution);
  if (read && chart.wanted === wanted && charts.get(root) === chart) {
    Object.assign(chart, read, { from, until, seconds, unit, title });
    chart.cursor = chart.cursor !== null && chart.cursor < chart.points.length ? chart.cursor : null;
    draw(chart);
  }
}

export function close(root) {
  charts.get(root)?.stop.abort();
  charts.delete(root);
}

async function pointsOf(series, from, seconds, resolution) {
  const begin = encodeURIComponent(new Date(from).toISOString());
  if (seconds <= 3600) {
    const raw = await read(`readings?series=${series}&from=${begin}&size=${MAX_READINGS}`);
    if (!raw) {
      return null;
    }
    if (!raw.next) {
      const points = raw.items.filter(row => row.value !== null).reverse()
        .map(row => ({ at: Date.parse(row.time), low: row.value, high: row.value, mean: row.value, count: 1 }));
      return { points, step: 0 };
    }
  }
  const rollups = await read(`rollups?series=${series}&resolution=${resolution}&from=${begin}&size=${PAGE}`);
  return rollups && {
    points: rollups.items.map(row => ({ at: Date.parse(row.start), low: row.min, high: row.max, mean: row.avg ?? row.last, count: row.count })),
    step: STEPS[resolution] * 1000,
  };
}

async function read(path) {
  try {
    const answer = await fetch(`/api/v1/hub/${path}`);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the server is away; the page says so
  }
}

function chartOf(root) {
  const chart = {
    root,
    canvas: root.querySelector('canvas'),
    output: root.querySelector('output'),
    wait: root.querySelector('.chart-wait'),
    stop: new AbortController(),
    points: null,
    cursor: null,
  };
  const { signal } = chart.stop;
  const on = (type, handler) => chart.canvas.addEventListener(type, handler, { signal });
  on('pointermove', event => moveTo(chart, nearest(chart, event.offsetX)));
  on('pointerleave', () => moveTo(chart, null));
  on('blur', () => moveTo(chart, null));
  on('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60, Home: -Infinity, End: Infinity }[event.key];
    if (step && chart.points?.length) {
      event.preventDefault();
      const last = chart.points.length - 1;
      moveTo(chart, Math.max(0, Math.min(last, (chart.cursor ?? last) + step)));
    }
  });
  const sizes = new ResizeObserver(() => draw(chart));
  sizes.observe(root);
  const themes = new MutationObserver(() => draw(chart));
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  signal.addEventListener('abort', () => {
    sizes.disconnect();
    themes.disconnect();
  });
  return chart;
}

const centre = (chart, point) => point.at + chart.step / 2;

function nearest(chart, x) {
  if (!chart.points?.length) {
    return null;
  }
  const width = chart.canvas.clientWidth - PADDING.left - PADDING.right;
  const at = chart.from + (x - PADDING.left) / width * (chart.until - chart.from);
  const distance = index => Math.abs(centre(chart, chart.points[index]) - at);
  return chart.points.reduce((best, _, index) => distance(index) < distance(best) ? index : best, 0);
}

function moveTo(chart, index) {
  chart.cursor = index;
  draw(chart);
}

function draw(chart) {
  const { root, canvas, points } = chart;
  root.toggleAttribute('data-drawn', Boolean(points?.length));
  chart.wait.textContent = points ? 'There are no numbers in this time.' : 'Reading…';
  canvas.dataset.points = points?.length ?? '';
  canvas.dataset.step = points ? chart.step / 1000 : '';
  if (!points?.length || document.hidden) {
    chart.output.replaceChildren();
    return;
  }
  const style = getComputedStyle(canvas);
  const colour = name => style.getPropertyValue(name).trim();
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = `11px ${style.fontFamily}`;

  const ticks = ticksOf(Math.min(...points.map(point => point.low)), Math.max(...points.map(point => point.high)));
  const [bottom, top] = [ticks[0], ticks.at(-1)];
  const x = at => PADDING.left + (width - PADDING.left - PADDING.right) * (at - chart.from) / (chart.until - chart.from);
  const y = value => height - PADDING.bottom - (height - PADDING.top - PADDING.bottom) * (value - bottom) / (top - bottom);
  drawGrid(context, chart, { width, height, ticks, x, y, colour });
  context.save();
  context.beginPath(); // the first rollup can begin before the time
  context.rect(PADDING.left, 0, width - PADDING.left - PADDING.right + 1, height);
  context.clip();
  for (const run of runsOf(chart)) {
    drawRun(context, chart, run, { x, y, colour });
  }
  context.restore();
  if (chart.cursor !== null) {
    const at = x(centre(chart, points[chart.cursor]));
    context.lineWidth = 1;
    context.strokeStyle = colour('--chart-text');
    context.beginPath();
    context.moveTo(at, PADDING.top);
    context.lineTo(at, height - PADDING.bottom);
    context.stroke();
  }
  tell(chart);
}

function drawGrid(context, chart, { width, height, ticks, x, y, colour }) {
  context.strokeStyle = colour('--chart-grid');
  context.fillStyle = colour('--chart-text');
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of ticks) {
    context.beginPath();
    context.moveTo(PADDING.left, y(value));
    context.lineTo(width - PADDING.right, y(value));
    context.stroke();
    context.fillText(short(value), PADDING.left - 6, y(value));
  }
  chart.canvas.dataset.axis = ticks.map(short).join(' ');
  context.textBaseline = 'alphabetic';
  const marks = width < 500 ? 2 : 4;
  for (let i = 0; i <= marks; i++) {
    context.textAlign = i === 0 ? 'left' : i === marks ? 'right' : 'center';
    const at = chart.from + (chart.until - chart.from) * i / marks;
    context.fillText(whenOf(at, chart.seconds) + (i === marks ? ' UTC' : ''), x(at), height - 4);
  }
}

// Where a sensor was silent for much longer than usual, the line has a gap and invents nothing.
function runsOf({ points, step }) {
  const gaps = points.slice(1).map((point, index) => point.at - points[index].at).sort((a, b) => a - b);
  const longest = Math.max(1.5 * step, 3 * (gaps[gaps.length >> 1] ?? 0), 1000);
  const runs = [];
  points.forEach((point, index) => {
    if (index > 0 && point.at - points[index - 1].at <= longest) {
      runs.at(-1).push(point);
    } else {
      runs.push([point]);
    }
  });
  return runs;
}

function drawRun(context, chart, run, { x, y, colour }) {
  const at = point => x(centre(chart, point));
  if (chart.step > 0) {
    context.globalAlpha = 0.25;
    context.fillStyle = colour('--chart-1');
    context.beginPath();
    run.forEach(point => context.lineTo(at(point), y(point.high)));
    [...run].reverse().forEach(point => context.lineTo(at(point), y(point.low)));
    context.closePath();
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle = colour('--chart-1');
  context.fillStyle = colour('--chart-1');
  context.lineWidth = 1.5;
  context.beginPath();
  run.forEach(point => context.lineTo(at(point), y(point.mean)));
  context.stroke();
  if (run.length === 1) { // so that a lone point is seen, with its smallest and largest value
    context.fillRect(at(run[0]) - 1, y(run[0].high) - 1, 2, y(run[0].low) - y(run[0].high) + 2);
  }
}

function tell(chart) {
  const index = chart.cursor ?? chart.points.length - 1;
  const point = chart.points[index];
  const part = (text, className) => {
    const span = document.createElement('span');
    span.textContent = text;
    span.className = className;
    return span;
  };
  const value = number => chart.unit ? `${short(number)} ${chart.unit}` : short(number);
  const when = new Date(point.at).toISOString().replace('T', ' ').slice(0, chart.seconds > 86400 ? 16 : 19);
  const parts = chart.step > 0
    ? [part(`mean ${value(point.mean)}`, 'series-1'), part(`${value(point.low)} to ${value(point.high)} of ${point.count}`, 'band')]
    : [part(value(point.mean), 'series-1')];
  chart.output.replaceChildren(when, ...parts);
  chart.canvas.setAttribute('aria-label', `${chart.title}: ${when} UTC ${parts.map(one => one.textContent).join(', ')}`);
}

function ticksOf(low, high) {
  if (low === high) {
    const around = Math.abs(low) * 0.1 || 1;
    [low, high] = [low - around, high + around];
  }
  const raw = high / 4 - low / 4; // the difference itself can be too large for a number
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find(one => one * power >= raw) * power;
  const ticks = [];
  for (let i = Math.floor(low / step); i <= Math.ceil(high / step); i++) {
    ticks.push(i * step);
  }
  return ticks;
}

function whenOf(at, seconds) {
  const text = new Date(at).toISOString();
  return seconds <= 86400 ? text.slice(11, 16) : seconds <= 31 * 86400 ? text.slice(5, 10) : text.slice(0, 7);
}

function short(value) {
  const size = Math.abs(value);
  return value === 0 ? '0'
    : size >= 1e7 || size < 1e-4 ? value.toExponential(2)
    : String(Number(value.toPrecision(6)));
}
