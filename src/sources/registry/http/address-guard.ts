/**
 * Which addresses may be connected to on a registry's word. A name tells nothing: it may resolve to this machine, or to
 * something else each time it is asked, so it is the address of the connection that is judged.
 */

import { BlockList, isIPv6 } from 'node:net';
import { ErofsWasmError } from '../../../errors.ts';

/** IANA special-purpose registries (RFC 6890): what is not reached over the public internet. */
const PRIVATE_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** Addresses that carry an IPv4 address (NAT64, 6to4, Teredo) lead to places that nobody can judge. */
const PRIVATE_IPV6 = [
  ...[
    '::/127',
    '::/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/32',
    '2001:db8::/32',
  ],
  ...['2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];
/** Where clouds hand out the credentials of a machine. */
const METADATA = [
  '169.254.169.254/32',
  '169.254.170.2/32',
  '100.100.100.200/32',
  'fd00:ec2::254/128',
];

const PRIVATE = listOf([...PRIVATE_IPV4, ...PRIVATE_IPV6]);
const SECRETS = listOf(METADATA);

/** Whether the address is on the public internet. */
export function isPublic(address: string): boolean {
  return !inList(PRIVATE, address);
}

/** Remembers where the registry itself is, and judges by it where it may send us. */
export class AddressGuard {
  #homeIsPublic = false;

  /**
   * The registry was connected to at this address, which the user named. One public address settles it: its name server
   * must not be able to make it a private registry later.
   */
  noteHome(address: string): void {
    this.#homeIsPublic ||= isPublic(address);
  }

  /** `E_POLICY` for an address that the registry has no business with; undefined where all is well. */
  refusal(host: string, address: string): ErofsWasmError | undefined {
    const isSecret = inList(SECRETS, address);
    if (!isSecret && (!this.#homeIsPublic || isPublic(address))) return undefined;
    const kind = isSecret ? 'where clouds keep credentials' : 'a private address';
    return new ErofsWasmError('E_POLICY', `the registry leads to ${kind}, which is refused`, {
      place: `${host} at ${address}`,
      hint: 'a public registry has no reason to; if it is yours, use its private name',
    });
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** `BlockList` reads IPv4 addresses that are written as IPv6 as what they are. */
function inList(list: BlockList, address: string): boolean {
  const plain = address.split('%', 1)[0] ?? '';
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
