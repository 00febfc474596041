// Bars for people to look at, one panel a figure, vitrine's and its peers' in different colours; the numbers are in
// bench.json.
const TITLE = 'vitrine and its peers, measured in one run';
const [WIDTH, LABEL, BAR, ROW, HEAD] = [860, 260, 420, 24, 44];
const COLOURS = { ours: '#2f6f8f', peers: '#d08a2c' };
const PEER = /QEMU's own|Xvnc/;
const escaped = (text) => String(text).replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

function panel({ title, unit, bars }, top) {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ label, value }, i) => {
    const y = top + HEAD + i * ROW;
    const length = Math.max(1, (value / most) * BAR);
    return [
      `<text x="${LABEL - 10}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="16" rx="2" fill="${PEER.test(label) ? COLOURS.peers : COLOURS.ours}"/>`,
      `<text x="${LABEL + length + 8}" y="${y + 13}">${value} ${escaped(unit)}</text>`,
    ].join('');
  });
  const heading = `<text x="20" y="${top + 28}" font-size="16" font-weight="600">${escaped(title)}</text>`;
  return { svg: heading + rows.join('\n'), height: HEAD + bars.length * ROW + 14 };
}

export function plot(panels) {
  let top = 0;
  const parts = panels
    .filter(({ bars }) => bars.length > 0)
    .map((each) => {
      const { svg, height } = panel(each, top);
      top += height;
      return svg;
    });
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top + 10}" font-family="sans-serif" font-size="13" fill="#222">`;
  return `${open}\n<title>${TITLE}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;
}
