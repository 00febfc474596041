// Figures as lines and as panels of bars.

const isFigures = (columns) => Object.values(columns).some((value) => typeof value !== 'object');

/** {row: {column: value}} or {row: {scene: {column: value}}} as lines. */
export function table(figures) {
  const rows = Object.entries(figures).flatMap(([row, columns]) =>
    isFigures(columns)
      ? [[row, columns]]
      : Object.entries(columns).map(([scene, values]) => [`${row}: ${scene}`, values]),
  );
  const wide = Math.max(...rows.map(([name]) => name.length));
  return rows.map(
    ([name, values]) =>
      `  ${name.padEnd(wide)}  ${Object.entries(values)
        .map(([column, value]) => `${column} ${String(value).padStart(7)}`)
        .join('   ')}`,
  );
}

/** One bar a row, with the value of `column`. */
const bars = (figures, column) =>
  Object.entries(figures ?? {}).flatMap(([label, values]) =>
    values[column] === undefined ? [] : [{ label, value: values[column] }],
  );

/** The same scene of all servers together. */
const scenes = (rates, column) =>
  Object.entries(rates ?? {})
    .flatMap(([server, values]) =>
      Object.entries(values).map(([scene, figure]) => ({
        label: `${scene}, ${server}`,
        value: figure[column],
      })),
    )
    .sort((a, b) => (a.label < b.label ? -1 : 1));

/** `brief`: one of the few that say how fast it is. */
export function panels(parts) {
  const host = parts.host ?? {};
  return [
    { title: 'Command to first picture (median)', unit: 'ms', brief: true, bars: bars(parts.start, 'p50') },
    {
      title: 'First picture after connecting (median)',
      unit: 'ms',
      brief: true,
      bars: [...bars(parts['first-paint'], 'p50'), ...bars(host['first picture, ms'], 'p50')],
    },
    {
      title: 'Key to pixel (median and 95 of 100)',
      unit: 'ms',
      brief: true,
      bars: Object.entries(parts['key-to-pixel'] ?? {}).flatMap(([name, { p50, p95 }]) => [
        { label: `${name}, p50`, value: p50 },
        { label: `${name}, p95`, value: p95 },
      ]),
    },
    { title: 'Updates a second, ZRLE', unit: '', brief: true, bars: scenes(parts['update-rate'], 'perSecond') },
    { title: 'Size of an update, ZRLE', unit: 'KiB', bars: scenes(parts['update-rate'], 'kibPerUpdate') },
    {
      title: 'Processor time of an update of a dragged window',
      unit: 'ms',
      brief: true,
      bars: bars(parts.viewers, 'msPerUpdate'),
    },
    { title: 'Throughput on loopback', unit: 'MB/s', bars: bars(parts.broker, 'mbPerS') },
    { title: 'Start of a machine to its desktop', unit: 'ms', bars: bars(host['start, ms'], 'desktopSeen') },
    {
      title: "A machine's process beside its guest (RSS)",
      unit: 'MB',
      bars: bars(host['process beside its guest'], 'rssMb'),
    },
    {
      title: 'Beside a guest that misbehaves: longest wait of a viewer (30 updates a second)',
      unit: 'ms',
      bars: bars(parts.misbehaving, 'viewerWaitedMs'),
    },
    { title: 'At rest: resident memory (RSS)', unit: 'MB', bars: bars(parts['at-rest'], 'rssMb') },
    { title: 'At rest: processor', unit: '% of a core', bars: bars(parts['at-rest'], 'percentOfACore') },
    {
      title: 'Memory after so many starts and stops (RSS)',
      unit: 'MB',
      bars: bars(parts.cycles, 'rssMb'),
    },
  ];
}
