/** A `.rdp` file for mstsc, Windows App, Remmina and FreeRDP. The password is typed, or is a ticket. */
export function rdpFile(address: string, user: string): string {
  const settings = [
    `full address:s:${address}`,
    `username:s:${user}`,
    // The console has no gateway, no printers and no drives; asking for them only delays the connection.
    'gatewayusagemethod:i:0',
    'redirectprinters:i:0',
    'redirectdrives:i:0',
    'redirectclipboard:i:1',
    'prompt for credentials:i:1',
    // Without NLA (yet): the certificate says who the server is.
    'enablecredsspsupport:i:0',
    'authentication level:i:2',
    'negotiate security layer:i:1',
    'smart sizing:i:1',
    'screen mode id:i:1',
    'autoreconnection enabled:i:1',
  ];
  return `${settings.join('\r\n')}\r\n`;
}
