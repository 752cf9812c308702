/** Looks for a login in all documents in turn, and asks the helpers that they name. */

import type { SourceContext } from '../../options.ts';
import { type Credentials, type Identity, isNobody, type LoginPlace } from './credentials.ts';
import { DockerConfig } from './docker-config.ts';
import { askHelper } from './helper.ts';
import { type LoginStore, loginStores } from './login-stores.ts';

type Found = Identity & { readonly origin: string };

/** The first login found, with the headers of the documents up to its own. Throws `E_CREDENTIALS`, `E_ABORTED`. */
export async function searchStoredLogins(
  place: LoginPlace,
  authFile: string | undefined,
  context: Pick<SourceContext, 'signal' | 'notice'>,
): Promise<Credentials> {
  const stores = loginStores(authFile);
  let headers: Readonly<Record<string, string>> = {};
  for (const store of stores) {
    const bytes = await store.read(context);
    if (bytes === undefined) continue;
    const config = new DockerConfig(bytes, store.name, store.isLegacy);
    headers = { ...config.headers(), ...headers };
    const found = await searchDocument(config, store, place, context.signal);
    if (found !== undefined) return { ...found, headers };
  }
  return { headers, origin: `looked in ${stores.map(({ name }) => name).join(', ')}` };
}

/** Docker's order: the helper for the host, the helper for all, the entries. */
async function searchDocument(
  config: DockerConfig,
  { name }: LoginStore,
  place: LoginPlace,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const helper = config.helperFor(place.host);
  if (helper !== undefined) {
    const identity = await askHelper(helper.suffix, place.host, name, signal);
    if (identity !== undefined)
      return { ...identity, origin: `docker-credential-${helper.suffix} (from ${name})` };
  }
  const identity = config.loginFor(place);
  return identity === undefined || isNobody(identity) ? undefined : { ...identity, origin: name };
}
