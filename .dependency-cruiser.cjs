// The import walls: protocols <- src <- server. See ARCHITECTURE.md.
const wall = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});
module.exports = {
  forbidden: [
    wall(
      'protocols-know-bytes',
      'protocols/ imports nothing but itself',
      '^protocols/',
      '^(src|server|test|node_modules)/',
    ),
    { ...wall('protocols-no-node', 'protocols/ is sans-IO', '^protocols/', '.'), to: { dependencyTypes: ['core'] } },
    wall('src-knows-no-server', 'src/ never imports server/', '^src/', '^(server|test)/'),
    wall('base-is-the-bottom', 'src/base imports nothing', '^src/base/', '^(src/(?!base/)|protocols/|server/)'),
    wall(
      'encode-knows-no-session',
      'src/encode knows pixels and bytes only',
      '^src/encode/',
      '^src/(engine|machine|input)/',
    ),
    wall('rfb-not-rdp', 'the two servers never import each other', '^server/rfb/', '^server/rdp/'),
    wall('rdp-not-rfb', 'the two servers never import each other', '^server/rdp/', '^server/rfb/'),
    wall(
      'session-knows-no-protocol',
      'session/ knows no protocol',
      '^server/session/',
      '^(server/(rfb|rdp|web|cli)|protocols/(rfb|rdp))/',
    ),
    wall('nothing-imports-cli', 'cli is the top', '^(protocols|src|server/(?!cli/))', '^server/cli/'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
