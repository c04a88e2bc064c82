// The charts of the last minutes and hours: drawn here, because 900 points of six charts over the page's socket every second would be most of its traffic.
const groups = new Map();
const MAX_POINTS = { '15m': 900, '24h': 8640 };
const MIN_COUNT = 2; // so that an axis of whole things has no halves
const PADDING = { left: 72, right: 10, top: 8, bottom: 20 };

export async function open(root, range) {
  let series;
  try {
    const answer = await fetch(`/api/v1/series?range=${range}`);
    series = answer.ok && await answer.json();
  } catch {
    return; // the server is away; the page says so
  }
  if (!series || !root?.isConnected) {
    return;
  }
  close(root);
  const group = { range, series, until: Date.parse(series.until), cursor: null, charts: [] };
  for (const canvas of root.querySelectorAll('canvas')) {
    group.charts.push(chartOf(canvas, group));
  }
  group.watcher = new ResizeObserver(() => drawAll(group));
  group.watcher.observe(root);
  group.themes = new MutationObserver(() => drawAll(group));
  group.themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  groups.set(root, group);
  drawAll(group);
}

export function push(root, sample) {
  const group = groups.get(root);
  if (!group) {
    return;
  }
  group.until = Date.now();
  for (const [name, value] of Object.entries(sample)) {
    const column = group.series[name];
    column.push(value);
    if (column.length > MAX_POINTS[group.range]) {
      column.shift();
    }
  }
  drawAll(group);
}

export function close(root) {
  const group = groups.get(root);
  group?.watcher.disconnect();
  group?.themes.disconnect();
  group?.charts.forEach(chart => chart.stop.abort());
  groups.delete(root);
}

function chartOf(canvas, group) {
  const chart = {
    canvas,
    unit: canvas.dataset.unit,
    columns: canvas.dataset.columns.split(',').map(column => column.split(':')),
    output: canvas.parentElement.querySelector('output'),
    stop: new AbortController(),
  };
  const on = (type, handler) => canvas.addEventListener(type, handler, { signal: chart.stop.signal });
  on('pointermove', event => moveTo(group, indexAt(chart, group, event.offsetX)));
  on('pointerleave', () => moveTo(group, null));
  on('blur', () => moveTo(group, null));
  on('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60 }[event.key];
    if (step) {
      event.preventDefault();
      const last = lengthOf(group) - 1;
      moveTo(group, Math.max(0, Math.min(last, (group.cursor ?? last) + step)));
    }
  });
  return chart;
}

const lengthOf = group => group.series.connections.length;

function indexAt(chart, group, x) {
  const points = MAX_POINTS[group.range];
  const width = chart.canvas.clientWidth - PADDING.left - PADDING.right;
  const index = Math.round((x - PADDING.left) / width * (points - 1)) - (points - lengthOf(group));
  return index >= 0 && index < lengthOf(group) ? index : null;
}

function moveTo(group, index) {
  group.cursor = index;
  drawAll(group);
}

function drawAll(group) {
  group.charts.forEach(({ canvas }) => canvas.parentElement.toggleAttribute('data-drawn', lengthOf(group) > 0));
  if (!document.hidden) {
    group.charts.forEach(chart => draw(chart, group));
  }
}

function draw(chart, group) {
  const { canvas } = chart;
  const style = getComputedStyle(canvas);
  const colour = name => style.getPropertyValue(name).trim();
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = `11px ${style.fontFamily}`;

  const length = lengthOf(group);
  const points = MAX_POINTS[group.range];
  const top = niceTop(Math.max(0, ...chart.columns.map(([name]) => highest(group.series[name]))), chart.unit);
  const x = index => PADDING.left + (width - PADDING.left - PADDING.right) * (index + points - length) / (points - 1);
  const y = value => height - PADDING.bottom - (height - PADDING.top - PADDING.bottom) * value / top;
  drawGrid(context, chart, group, { width, height, top, y, colour });
  for (let i = chart.columns.length - 1; i >= 0; i--) { // the first on top and thin, so that lines that lie on each other are both seen
    drawLine(context, group.series[chart.columns[i][0]], x, y, colour(`--chart-${i + 1}`), i === 0 ? 1.3 : 3);
  }
  if (group.cursor !== null) {
    context.lineWidth = 1;
    context.strokeStyle = colour('--chart-text');
    context.beginPath();
    context.moveTo(x(group.cursor), PADDING.top);
    context.lineTo(x(group.cursor), height - PADDING.bottom);
    context.stroke();
  }
  tell(chart, group, group.cursor ?? length - 1);
}

function drawGrid(context, chart, group, { width, height, top, y, colour }) {
  context.strokeStyle = colour('--chart-grid');
  context.fillStyle = colour('--chart-text');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const labels = [];
  for (let i = 0; i <= 2; i++) {
    const value = top * i / 2;
    context.beginPath();
    context.moveTo(PADDING.left, y(value));
    context.lineTo(width - PADDING.right, y(value));
    context.stroke();
    labels.push(tick(value, chart.unit));
    context.fillText(labels[i], PADDING.left - 6, y(value));
  }
  chart.canvas.dataset.axis = labels.join(' ');
  context.textBaseline = 'alphabetic';
  const seconds = MAX_POINTS[group.range] * group.series.stepSeconds;
  for (let i = 0; i <= 3; i++) {
    context.textAlign = i === 0 ? 'left' : i === 3 ? 'right' : 'center';
    const at = new Date(group.until - seconds * 1000 * (3 - i) / 3);
    context.fillText(at.toISOString().slice(11, 16) + (i === 3 ? ' UTC' : ''), PADDING.left + (width - PADDING.left - PADDING.right) * i / 3, height - 4);
  }
}

function drawLine(context, column, x, y, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  let drawing = false;
  column.forEach((value, index) => {
    if (value === null) {
      drawing = false;
    } else if (drawing) {
      context.lineTo(x(index), y(value));
    } else {
      context.moveTo(x(index), y(value));
      context.lineTo(x(index) + 1, y(value)); // so that a lone point is seen
      drawing = true;
    }
  });
  context.stroke();
}

function tell(chart, group, index) {
  const parts = chart.columns.map(([name, label], i) => {
    const value = group.series[name][index];
    const part = document.createElement('span');
    part.textContent = `${label} ${value === null || value === undefined ? '–' : short(value, chart.unit)}`;
    part.className = `series-${i + 1}`;
    return part;
  });
  const at = new Date(group.until - (lengthOf(group) - 1 - index) * group.series.stepSeconds * 1000);
  const when = index < 0 ? 'no data yet' : group.cursor === null ? 'now' : at.toISOString().slice(11, 19);
  chart.output.replaceChildren(when, ...(index < 0 ? [] : parts));
  const title = chart.canvas.parentElement.querySelector('figcaption').textContent;
  chart.canvas.setAttribute('aria-label', `${title}: ${when} ${parts.map(part => part.textContent).join(', ')}`);
}

const highest = column => column.reduce((most, value) => value > most ? value : most, 0);

function niceTop(value, unit) {
  const whole = unit === 'open' || unit === 'messages' || unit === 'B/s';
  if (value <= 0) {
    return whole ? MIN_COUNT : 1;
  }
  if (unit === 'B/s') {
    return 2 ** Math.ceil(Math.log2(Math.max(value, 2)));
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const top = [1, 2, whole ? 4 : 5, 10].find(step => step * power >= value) * power;
  return whole ? Math.max(top, MIN_COUNT) : top;
}

// An axis says its unit; beside a line's name it would be said twice.
const tick = (value, unit) => unit === 'open' ? `${plain(value)} open` : short(value, unit);

function short(value, unit) {
  if (unit === 'B/s') {
    const power = value < 1 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
    return `${Math.round(value / 1024 ** power * 10) / 10} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}/s`;
  }
  return unit === 'ms' ? `${plain(value)} ms` : unit === '1/s' ? `${plain(value)}/s` : plain(value);
}

function plain(value) {
  const [number, unit] = value >= 1e9 ? [value / 1e9, 'G'] : value >= 1e6 ? [value / 1e6, 'M'] : value >= 1e4 ? [value / 1e3, 'k'] : [value, ''];
  return `${number >= 100 ? Math.round(number) : Math.round(number * 1000) / 1000}${unit}`;
}
