/** The host part of a reference: `name[:port]`, `a.b.c.d[:port]` or `[ipv6][:port]` (distribution/reference). */

/** Ports are 16 bits wide (RFC 9293, section 3.1); 0 cannot be connected to. */
const LARGEST_PORT = 65535;

/** Why the text is no registry host, in words that follow the host's name; `undefined` when it is one. */
export function hostProblem(host: string): string | undefined {
  if (host.includes('@')) return 'is not a valid registry host (a login does not belong there)';
  const parts = splitHost(host);
  if (parts === undefined) return 'is not a valid registry host';
  const portTrouble = parts.port === undefined ? undefined : portProblem(parts.port);
  if (portTrouble !== undefined) return portTrouble;
  return parts.name.startsWith('[') ? ipv6Problem(parts.name) : nameProblem(parts.name);
}

/** Name and port text; the name keeps its brackets. `undefined` where the brackets do not match. */
export function splitHost(host: string): { name: string; port: string | undefined } | undefined {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : firstColon(host);
  if (host.startsWith('[') && end === 0) return undefined;
  const rest = host.slice(end);
  if (rest === '') return { name: host.slice(0, end), port: undefined };
  return rest.startsWith(':') ? { name: host.slice(0, end), port: rest.slice(1) } : undefined;
}

function firstColon(host: string): number {
  const colon = host.indexOf(':');
  return colon < 0 ? host.length : colon;
}

function portProblem(port: string): string | undefined {
  if (!/^[0-9]+$/.test(port)) return 'is not a valid registry host (the port is not a number)';
  const value = Number(port);
  if (value < 1 || value > LARGEST_PORT) return 'has a port outside 1 to 65535';
  return String(value) === port ? undefined : 'is not in canonical form';
}

function ipv6Problem(name: string): string | undefined {
  if (!/^\[[0-9A-Fa-f:]+\]$/.test(name)) return 'is not a valid IPv6 host';
  return urlHostname(name) === undefined ? 'is not a valid IPv6 address' : undefined;
}

function nameProblem(name: string): string | undefined {
  if (!name.split('.').every(isHostLabel)) return 'is not a valid registry host';
  // WHATWG URL turns spellings such as 127.1 or 0x7f.1 into another host than the reader sees.
  return urlHostname(name) === name.toLowerCase() ? undefined : 'is not in canonical form';
}

function isHostLabel(label: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-');
}

function urlHostname(name: string): string | undefined {
  try {
    return new URL(`https://${name}/`).hostname;
  } catch {
    return undefined;
  }
}
