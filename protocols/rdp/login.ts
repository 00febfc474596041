import type { Reader } from '../wire/reader.js';
import type { Login } from './acceptor-events.js';
import { ClientInfo } from './client-info.js';
import type { ClientCoreData } from './gcc/client-core-data.js';
import type { Opening } from './opening.js';
import { SECURITY, SecurityHeader } from './security-header.js';

/**
 * Who a client says that it is, from its Client Info PDU and from what it has said before. Throws DecodeError.
 * @spec MS-RDPBCGR 2.2.1.11 Client Info PDU
 */
export function readLogin(
  r: Reader,
  { clientName, desktopWidth, desktopHeight }: ClientCoreData,
  { routing, preconnection }: Opening,
): Login {
  const { flags } = SecurityHeader.decode(r);
  if ((flags & SECURITY.info) === 0) r.fail('invalid', 'security header', `flags ${flags} where client info belongs`);
  const { user, domain, password, extended } = ClientInfo.decode(r);
  return {
    user,
    domain,
    password,
    clientName,
    clientAddress: extended?.clientAddress ?? '',
    routing,
    preconnection,
    desktop: { width: desktopWidth, height: desktopHeight },
  };
}
