/** An option of `run` and `serve`. */
export const VNC_SECURITY = {
  choices: ['all', 'vncauth'] as const,
  default: 'all' as const,
  describe: 'What VNC clients are offered; VncAuth alone for those that fail at TLS (UltraVNC 1.5 and later)',
  group: 'Access',
} as const;
