/** `NO_PROXY`: which hosts are reached without the proxy. There is no standard; this reads what curl and Go read. */

import { BlockList, isIP } from 'node:net';

/** Nobody lists more hosts; bounds the work for each request. */
const MOST_ENTRIES = 1000;

/** Whether `host` (as in a URL, IPv6 in brackets) and its port are exempt by the list. */
export function isExempt(list: string, host: string, port: number): boolean {
  const name = bare(host);
  return list
    .split(/[\s,]+/, MOST_ENTRIES)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, name);
  const { host, port: wanted } = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  if (isIP(host) !== 0 || isIP(name) !== 0) return sameAddress(host, name);
  const suffix = host.replace(/^\*?\./, '');
  return suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
}

/** An IPv6 address has colons of its own: only a bracket or a single colon leads to a port. */
function splitPort(entry: string): { host: string; port?: number } {
  const [, bracketed, after] = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (bracketed !== undefined)
    return after === undefined ? { host: bracketed } : { host: bracketed, port: Number(after) };
  if (isIP(entry) === 6) return { host: entry };
  const [, host = entry, port] = /^([^:]*):(\d{1,5})$/.exec(entry) ?? [];
  return port === undefined ? { host } : { host, port: Number(port) };
}

function inNetwork(entry: string, name: string): boolean {
  const [, network = '', bits = ''] = /^([^/]*)\/(\d{1,3})$/.exec(entry) ?? [];
  const version = isIP(network);
  const length = Number(bits);
  if (version === 0 || isIP(name) !== version || length > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(name, family);
}

/** The same IPv6 address has several spellings. */
function sameAddress(one: string, other: string): boolean {
  const version = isIP(one);
  if (version === 0 || isIP(other) !== version) return false;
  if (version === 4) return one === other;
  const list = new BlockList();
  list.addAddress(one, 'ipv6');
  return list.check(other, 'ipv6');
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
